package publish

import (
	"context"
	"sync"
	"time"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

// Progress is how far one notice has got, and how fast it goes.
type Progress struct {
	store.Progress
	// Total is how many are told or were; Estimated while that is worked out.
	Total     int64
	Estimated bool
	// ToGo is how many are to be sent as soon as possible.
	ToGo int64
	// PerSecond is how many were sent in a second of the last ten, or since it
	// began where nobody looked before; Left is how long the rest takes then,
	// 0 where that is not known.
	PerSecond float64
	Left      time.Duration
}

// Running says whether messages are being sent, or their readers worked out.
func (p Progress) Running() bool {
	return !p.TakenBack && (p.ExpandedAt.IsZero() || p.ToGo > 0)
}

// Progress says how far the notices about an incident have got, oldest first.
//
// Errors: status.ErrNotFound.
func (p *Publisher) Progress(ctx context.Context, incident string) ([]Progress, error) {
	i, err := p.store.FindIncident(ctx, incident)
	if err != nil {
		return nil, err
	}
	counted, err := p.store.Progress(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	now := p.store.Now()
	list := make([]Progress, len(counted))
	for n, c := range counted {
		one := Progress{Progress: c, Total: c.Written, ToGo: c.Waiting}
		if c.ExpandedAt.IsZero() && !c.TakenBack {
			one.Estimated = true
			expected, err := p.expected(ctx, c.NoticeID)
			if err != nil {
				return nil, err
			}
			one.Total = max(expected, c.Written)
			one.ToGo += one.Total - c.Written
		}
		if one.Running() {
			one.PerSecond = p.meter.rate(c, now)
			if one.PerSecond > 0 {
				one.Left = time.Duration(float64(one.ToGo) / one.PerSecond * float64(time.Second))
			}
		}
		list[n] = one
	}
	return list, nil
}

// expected estimates how many a notice is for, by the classes of subscribers and
// without a look at any: what they were told so far is not considered.
func (p *Publisher) expected(ctx context.Context, noticeID int64) (n int64, err error) {
	notice, err := p.store.Notice(ctx, noticeID)
	if err != nil {
		return 0, err
	}
	policy, err := p.store.PolicyVersion(ctx, notice.PolicyVersion)
	if err != nil {
		return 0, err
	}
	register, err := p.store.Register(ctx)
	if err != nil {
		return 0, err
	}
	classes, err := p.store.SubscriberClasses(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range stakeholders.Settle(notice.Occasion, stakeholders.Candidates(policy, notice.Occasion, stakeholders.Recipients(register, nil)),
		func(stakeholders.Contact) stakeholders.Thread { return stakeholders.Thread{} }, notice.CreatedAt) {
		if s.Outcome.Action != stakeholders.Skip {
			n++
		}
	}
	for _, c := range classes {
		for _, v := range stakeholders.Decide(policy, notice.Occasion, store.ClassRecipient(register, c)) {
			if v.Settle(notice.Occasion, stakeholders.Thread{}, notice.CreatedAt).Action != stakeholders.Skip {
				n += c.Confirmed
			}
		}
	}
	return n, nil
}

// What the meter remembers.
const (
	meterSpan  = 10 * time.Second
	meterLeast = time.Second // between two looks that make a rate
	meterMost  = 100         // notices
)

// meter remembers what was sent when somebody looked.
type meter struct {
	mu    sync.Mutex
	looks map[int64][]look
}

type look struct {
	at   time.Time
	sent int64
}

// rate is how many were sent in a second.
func (m *meter) rate(p store.Progress, now time.Time) float64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.looks) > meterMost {
		clear(m.looks) // they start anew
	}
	sent := p.Sent + p.States[notify.Failed]
	looks := m.looks[p.NoticeID]
	for len(looks) > 1 && now.Sub(looks[1].at) >= meterSpan {
		looks = looks[1:]
	}
	if len(looks) == 0 || now.Sub(looks[len(looks)-1].at) >= meterLeast {
		looks = append(looks, look{now, sent})
	}
	m.looks[p.NoticeID] = looks
	since := looks[0]
	if span := now.Sub(since.at); span >= meterLeast && sent >= since.sent {
		return float64(sent-since.sent) / span.Seconds()
	}
	began := p.CreatedAt
	if p.StartAt.After(began) {
		began = p.StartAt
	}
	if span := now.Sub(began); span >= meterLeast {
		return float64(sent) / span.Seconds()
	}
	return 0
}
