package store

import (
	"context"

	"github.com/allclear-status/allclear/stakeholders"
)

// namedSubscribers bounds how many people one name may stand for.
const namedSubscribers = 5

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
