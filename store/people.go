package store

import (
	"context"

	"github.com/allclear-status/allclear/stakeholders"
)

// namedSubscribers bounds how many people one name may stand for.
const namedSubscribers = 5

// ReceiversNamed finds the webhooks and chats of subscribers by their host, by
// the email address of who owns one, or by the subscriber's id; also those who
// left.
func (q queries) ReceiversNamed(ctx context.Context, name string) ([]stakeholders.Subscriber, error) {
	var secret rows
	for _, channel := range stakeholders.Channels() {
		if channel.Secret() {
			secret.add(string(channel))
		}
	}
	return q.subscribers(ctx, `
		SELECT `+subscriberColumns+`
		FROM `+q.dialect.table("TEXT")+`
		CROSS JOIN subscribers s
		CROSS JOIN subscriber_classes c
		WHERE s.channel = v.column1 AND c.id = s.class_id AND (s.label = $2 OR s.email = $2 OR s.id = $2)
		ORDER BY s.channel, s.address
		LIMIT $3`, secret.encoded(), name, namedSubscribers)
}

// SubscribersNamed finds subscribers by their email address, or by the part of
// it before the @; also those who left.
func (q queries) SubscribersNamed(ctx context.Context, name string) ([]stakeholders.Subscriber, error) {
	return q.subscribers(ctx, `
		SELECT `+subscriberColumns+`
		FROM subscribers s
		JOIN subscriber_classes c ON c.id = s.class_id
		WHERE s.channel = $1 AND (s.address = $2 OR s.address LIKE $3 ESCAPE '\')
		ORDER BY s.address
		LIMIT $4`, string(stakeholders.Email), name, escapeLike(name)+"@%", namedSubscribers)
}
