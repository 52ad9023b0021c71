package stakeholders

import (
	"strconv"
	"strings"
	"time"
)

// ReviewDays is after how many days an entry is looked at again where it says
// nothing else.
const ReviewDays = 180

const (
	reviewNever   = "never"
	maxReviewDays = 3650
)

// ReviewDueAt is when somebody should look whether the entry is still right:
// on the date that it names, else some time after it was last reviewed or
// changed; zero for never.
func (s Stakeholder) ReviewDueAt() time.Time {
	last := s.UpdatedAt
	if s.ReviewedAt.After(last) {
		last = s.ReviewedAt
	}
	if s.ReviewAfter == reviewNever {
		return time.Time{}
	}
	if day, err := time.Parse(time.DateOnly, s.ReviewAfter); err == nil && last.Before(day) {
		return day
	}
	days, ok := reviewDays(s.ReviewAfter)
	if !ok {
		days = ReviewDays
	}
	return last.AddDate(0, 0, days)
}

// ReviewDue says whether it is time to look at the entry.
func (s Stakeholder) ReviewDue(now time.Time) bool {
	due := s.ReviewDueAt()
	return !due.IsZero() && !now.Before(due)
}

// reviewDays reads "180d".
func reviewDays(text string) (int, bool) {
	number, ok := strings.CutSuffix(text, "d")
	days, err := strconv.Atoi(number)
	return days, ok && err == nil && days >= 1 && days <= maxReviewDays && strconv.Itoa(days) == number
}

func validReviewAfter(text string) bool {
	_, days := reviewDays(text)
	_, err := time.Parse(time.DateOnly, text)
	return text == "" || text == reviewNever || days || err == nil
}
