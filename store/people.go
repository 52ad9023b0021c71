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

// QuarantinedAt lists the ids of the webhooks and chats of subscribers at a host
// that were left alone, behind one of them and up to a limit.
func (q queries) QuarantinedAt(ctx context.Context, host, after string, limit int) (ids []string, err error) {
	var secret rows
	for _, channel := range stakeholders.Channels() {
		if channel.Secret() {
			secret.add(string(channel))
		}
	}
	err = q.list(ctx, "list quarantined subscribers", &ids, `
		SELECT s.id
		FROM `+q.dialect.table("TEXT")+`
		CROSS JOIN subscribers s
		WHERE s.channel = v.column1 AND s.label = $2 AND s.id > $3 AND s.quarantined_at > 0 AND s.unsubscribed_at = 0
		ORDER BY s.id
		LIMIT $4`, secret.encoded(), host, after, limit)
	return ids, err
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
