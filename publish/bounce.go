package publish

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/allclear-status/allclear/auth"
	"github.com/allclear-status/allclear/internal/dsn"
	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
	"github.com/allclear-status/allclear/store"
)

// After so many messages that came back for now, within so long, an address
// counts as dead.
const (
	mostSoftBounces = 5
	softBounceAge   = 7 * 24 * time.Hour
)

// Bounced is what became of a report.
type Bounced struct {
	Key        notify.Key // zero: it did not come to the return path of a message of ours
	Failed     bool       // the message did not arrive, and will not
	Hard       bool       // the address is dead, not only away
	Suppressed bool       // nothing is sent to the address any more, from now on
}

// reporter is who acts on a report.
var reporter = auth.Actor{Kind: "mail", Name: "delivery report"}

// Bounce takes a report that a message could not be delivered. It is believed
// when it came to the message's own return path, which only those know who had
// the message; any other may be forged, and changes nothing. To a dead address
// nothing is sent any more, to one that is only away after several messages. A
// report that was taken already says nothing new.
func (p *Publisher) Bounce(ctx context.Context, r dsn.Report) (Bounced, error) {
	var b Bounced
	named := addresses(r.Recipients)
	for _, path := range r.SentTo {
		key, ours, err := p.returnedTo(ctx, path, named)
		if err != nil {
			return Bounced{}, fmt.Errorf("take a delivery report: %w", err)
		}
		if ours {
			b.Key = key
			break
		}
	}
	if b.Key == (notify.Key{}) {
		return b, nil
	}
	var to dsn.Recipient
	if to, b.Failed = about(r.Recipients, b.Key.Address); !b.Failed {
		return b, nil
	}
	b.Hard = dead(to)
	err := p.store.InTxAgain(ctx, func(tx *store.Tx) (err error) {
		b.Suppressed, err = p.bounce(ctx, tx, b, to)
		return err
	})
	if err != nil {
		return Bounced{}, fmt.Errorf("take a delivery report: %w", err)
	}
	return b, p.woken(nil)
}

// addresses are those that a report names.
func addresses(recipients []dsn.Recipient) (named []string) {
	for _, to := range recipients {
		named = append(named, address(to.Original), address(to.Final))
	}
	return named
}

// address is one as we write it.
func address(raw string) string {
	written, err := stakeholders.NormalizeAddress(stakeholders.Email, raw)
	if err != nil {
		return raw
	}
	return written
}

// about finds what a report says of the address of a message; false when the
// message did not fail. A report of a message that was passed on names others.
// One that was passed on to several fails when it does for all, and the mildest
// word counts: the address lives as long as one of them does.
func about(recipients []dsn.Recipient, ours string) (dsn.Recipient, bool) {
	var all, exact []dsn.Recipient
	for _, to := range recipients {
		all = append(all, to)
		if address(to.Final) == ours || address(to.Original) == ours {
			exact = append(exact, to)
		}
	}
	if len(exact) > 0 {
		all = exact
	}
	var mildest dsn.Recipient
	for i, to := range all {
		if to.Action != dsn.Failed || strings.HasPrefix(to.Status, "2.") {
			return dsn.Recipient{}, false
		}
		if i == 0 || dead(mildest) && !dead(to) {
			mildest = to
		}
	}
	return mildest, len(all) > 0
}

// aboutUs are refusals for good that say nothing about the address: the sender
// is not liked (5.1.7, 5.1.8), the mailbox is full (5.2.2, 5.2.3), its system is
// (5.3), the way there fails (5.4, but for a domain that is none), we are not
// understood (5.5), or our message or our server is not wanted (5.6, 5.7).
var aboutUs = regexp.MustCompile(`^5\.(1\.[78]|2\.[23]|3\.\d+|4\.(\d\d+|[^4])|5\.\d+|6\.\d+|7\.\d+)$`)

// Words that tell what a refusal without a code of its own is about.
var (
	aboutMailbox = regexp.MustCompile(`\b55[013]\b`)
	aboutPolicy  = regexp.MustCompile(`(?i)spam|block|blacklist|denied|policy|reputation|content|virus|dmarc|dkim|\bspf\b|greylist|too (many|much|large)`)
)

// dead says whether a refusal means that the address is no more.
func dead(to dsn.Recipient) bool {
	if to.Status == "5.0.0" {
		return aboutMailbox.MatchString(to.Diagnostic) && !aboutPolicy.MatchString(to.Diagnostic)
	}
	return strings.HasPrefix(to.Status, "5.") && !aboutUs.MatchString(to.Status)
}

// bounce keeps a report and does what follows from it.
func (p *Publisher) bounce(ctx context.Context, tx *store.Tx, b Bounced, to dsn.Recipient) (suppressed bool, err error) {
	known, err := tx.Suppressed(ctx, b.Key.Channel, b.Key.Address)
	if err != nil || known == store.ErasedAddress {
		return false, err // nothing of that person is written down anew
	}
	words := to.Diagnostic
	if !strings.Contains(words, to.Status) {
		words = strings.TrimSpace(to.Status + " " + words)
	}
	fresh, err := tx.AddBounce(ctx, store.Bounce{Key: b.Key, Hard: b.Hard, Answer: words})
	if err != nil || !fresh {
		return false, err
	}
	subject := "address:" + p.config.Key.Name(string(b.Key.Channel), b.Key.Address)
	detail := map[string]any{"channel": b.Key.Channel, "notice": b.Key.NoticeID, "status": to.Status, "hard": b.Hard}
	if err := tx.Audit(ctx, reporter, "bounce", subject, detail, 0); err != nil {
		return false, err
	}
	if err := tx.NoteBounce(ctx, b.Key, words); err != nil {
		return false, err
	}
	reason := "bounced: " + words
	if !b.Hard {
		n, err := tx.CountBounces(ctx, b.Key.Channel, b.Key.Address, tx.Now().Add(-softBounceAge))
		if err != nil || n < mostSoftBounces {
			return false, err
		}
		reason = "bounced " + strconv.Itoa(n) + " times in 7 days: " + words
	}
	if known != "" {
		return false, nil
	}
	if err := p.suppress(ctx, tx, b.Key.Channel, b.Key.Address, reason); err != nil {
		return false, err
	}
	return true, tx.Audit(ctx, reporter, "suppress address", subject, map[string]any{"channel": b.Key.Channel, "reason": reason}, 0)
}
