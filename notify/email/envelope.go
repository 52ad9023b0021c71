package email

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"github.com/allclear-status/allclear/notify"
)

// returnPath is to where reports of failed delivery go: an address of the
// message's own where it has one, else the sender.
func (c *Channel) returnPath(to notify.Recipient) (string, error) {
	if to.ReturnPath == "" {
		return c.from.Address, nil
	}
	if err := checkAddress(to.ReturnPath); err != nil || strings.ContainsFunc(to.ReturnPath, notASCII) {
		return "", fmt.Errorf("the return path is %q, which is not a plain email address", to.ReturnPath)
	}
	return to.ReturnPath, nil
}

// sign is the header field that signs a message; nil where there is no key.
func (c *Channel) sign(message []byte) ([]byte, error) {
	if c.signer == nil {
		return nil, nil
	}
	return c.signer.Sign(message)
}

// offers is what a server said it can do.
type offers struct {
	size     bool
	maxSize  int // bytes; 0: it named none
	utf8     bool
	eightBit bool
}

func readOffers(c *smtp.Client) (o offers) {
	size, most := c.Extension("SIZE")
	o.size = size
	if n, err := strconv.Atoi(strings.TrimSpace(most)); err == nil && n > 0 {
		o.maxSize = n
	}
	o.utf8, _ = c.Extension("SMTPUTF8")
	o.eightBit, _ = c.Extension("8BITMIME")
	return o
}

// refuse says why this server cannot take a message; nil: it can be offered.
func (o offers) refuse(p *parcel) *fault {
	switch size := len(p.signature) + len(p.message); {
	case o.maxSize > 0 && size > o.maxSize:
		return &fault{stage: stageNone, code: 552, words: fmt.Sprintf("the message has %d bytes, and the server takes %d at most", size, o.maxSize)}
	case !o.utf8 && strings.ContainsFunc(p.to, notASCII):
		return &fault{stage: stageNone, code: 553, words: "the address has letters outside ASCII before the @, and the server does not offer SMTPUTF8"}
	default:
		return nil
	}
}

// appendParameters writes those of MAIL FROM. All of a message has seven bits
// but for an address in another script.
func (o offers) appendParameters(out []byte, p *parcel) []byte {
	if o.size {
		out = strconv.AppendInt(append(out, " SIZE="...), int64(len(p.signature)+len(p.message)), 10)
	}
	if strings.ContainsFunc(p.to, notASCII) {
		out = append(out, " SMTPUTF8"...)
		if o.eightBit {
			out = append(out, " BODY=8BITMIME"...)
		}
	}
	return out
}

// spent says whether the line took as many messages as it is to.
func (l *line) spent() bool { return l.left() == 0 }

// atLast says whether the next message is the last that the line takes.
func (l *line) atLast() bool { return l.left() == 1 }

// left is how many messages the line still takes; -1: any number.
func (l *line) left() int {
	if most := l.relay.server.Messages; most > 0 {
		return max(0, most-l.taken)
	}
	return -1
}
