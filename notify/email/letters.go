package email

import (
	"reflect"
	"sync"

	"github.com/allclear-status/allclear/notify"
)

// letters are the letters of the last few texts, built once for all sessions:
// one for each language, form and pace in which a notice goes out.
type letters struct {
	mu    sync.Mutex
	texts [keptLetters]notify.Text
	built [keptLetters]*letter
	next  int
}

// keptLetters is how many texts are on their way at once, more or less.
const keptLetters = 32

// letter is the letter of a text.
func (c *Channel) letter(text notify.Text) (*letter, error) {
	c.letters.mu.Lock()
	defer c.letters.mu.Unlock()
	for i, l := range c.letters.built {
		if l != nil && reflect.DeepEqual(c.letters.texts[i], text) {
			return l, nil
		}
	}
	l, err := c.compose(text)
	if err != nil {
		return nil, err
	}
	at := c.letters.next % keptLetters
	c.letters.texts[at], c.letters.built[at] = text, l
	c.letters.next++
	return l, nil
}
