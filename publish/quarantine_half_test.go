package publish

import (
	"errors"
	"testing"

	"github.com/allclear-status/allclear/status"
)

func TestWhatIsHalfDoneIsNotSaidToBeUndone(t *testing.T) {
	if err := halfDone(0, status.ErrBusy); !errors.Is(err, status.ErrBusy) {
		t.Errorf("nothing was done: %v", err)
	}
	if err := halfDone(3, status.ErrBusy); errors.Is(err, status.ErrBusy) || !errors.Is(err, status.ErrUnavailable) {
		t.Errorf("three were: %v", err)
	}
}
