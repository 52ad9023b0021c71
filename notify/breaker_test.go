package notify

import (
	"testing"
	"time"
)

func TestChannelIsTriedAgainAlthoughTheClockWasPutBack(t *testing.T) {
	b := newBreaker(DefaultSettings())
	now := time.Date(2026, 11, 22, 10, 44, 2, 0, time.UTC)
	b.failed(now)
	if work, _ := b.permit(now); work {
		t.Error("tried again without a pause")
	}
	if work, try := b.permit(now.Add(-time.Hour)); !work || !try {
		t.Error("an hour back, the channel is left alone")
	}
	if work, try := b.permit(now.Add(time.Hour)); !work || !try {
		t.Error("an hour on, the channel is left alone")
	}
}
