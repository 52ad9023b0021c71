package publish

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/allclear-status/allclear/notify"
	"github.com/allclear-status/allclear/stakeholders"
)

// What is added to the return path: the notice, a name for it with the address
// that only our key can make, and a sign that the whole is ours, so that what
// strangers make up costs no search. It is short and in lower case: the part
// before the @ may have 64 bytes, and not every server keeps the case.
const (
	returnName  = 20 // hexadecimal digits
	returnCheck = 8
)

// ReturnPath is to where reports go that this message could not be delivered;
// empty: none of its own. No address can be read from it.
func (p *Publisher) ReturnPath(k notify.Key) string {
	if p.config.ReturnPath == "" || k.Channel != stakeholders.Email {
		return ""
	}
	local, domain, _ := strings.Cut(p.config.ReturnPath, "@")
	notice, name := strconv.FormatInt(k.NoticeID, 10), p.returnName(k)
	return local + "+" + notice + "-" + name + p.returnCheck(notice, name) + "@" + domain
}

func (p *Publisher) returnName(k notify.Key) string {
	return p.config.Key.Name("return path", strconv.FormatInt(k.NoticeID, 10), k.Address)[:returnName]
}

func (p *Publisher) returnCheck(notice, name string) string {
	return p.config.Key.Name("return path check", notice, name)[:returnCheck]
}

var returnToken = regexp.MustCompile(fmt.Sprintf(`\+(\d{1,18})-([0-9a-f]{%d})([0-9a-f]{%d})@`, returnName, returnCheck))

// returnedTo finds out which message a return path was made for, or false. The
// addresses that a report names are tried first; when it was passed on, none of
// them is ours, and all to whom the notice went are.
func (p *Publisher) returnedTo(ctx context.Context, path string, named []string) (k notify.Key, ok bool, err error) {
	m := returnToken.FindStringSubmatch(strings.ToLower(path))
	if m == nil || m[3] != p.returnCheck(m[1], m[2]) {
		return k, false, nil
	}
	k.Channel = stakeholders.Email
	if k.NoticeID, err = strconv.ParseInt(m[1], 10, 64); err != nil {
		return k, false, nil
	}
	for _, address := range named {
		if k.Address = address; p.returnName(k) == m[2] {
			return k, true, nil
		}
	}
	for after := ""; ; {
		addresses, err := p.store.ToldAddresses(ctx, k.NoticeID, k.Channel, after, returnPage)
		if err != nil {
			return k, false, err
		}
		for _, k.Address = range addresses {
			if p.returnName(k) == m[2] {
				return k, true, nil
			}
		}
		if len(addresses) < returnPage {
			return k, false, nil
		}
		after = addresses[len(addresses)-1]
	}
}

// returnPage is how many addresses are read at a time.
const returnPage = 5000
