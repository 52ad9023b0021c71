package bench

import (
	"math"
	"strings"
	"testing"
)

func TestMedianIsTheMiddle(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := Median(c.values); got != c.want {
			t.Errorf("the median of %v is %g, want %g", c.values, got, c.want)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("nothing has a median")
	}
	values := []float64{3, 1, 2}
	if Median(values); values[0] != 3 {
		t.Error("the median sorts what it is given")
	}
}

func TestRatioComparesRoundByRound(t *testing.T) {
	// The machine was half as fast in the second round, for both.
	if got := Ratio([]float64{80, 40, 90}, []float64{100, 50, 100}); got != 0.8 {
		t.Errorf("the ratio is %g, want 0.8", got)
	}
	if got := Ratio([]float64{1}, nil); !math.IsNaN(got) {
		t.Errorf("the ratio to nothing is %g", got)
	}
}

func TestGoalsSayWhatIsMissed(t *testing.T) {
	var out strings.Builder
	if err := Goals(&out, []Goal{
		{Name: "fast", Value: 0.9, Limit: 0.8, AtLeast: true, Unit: "x"},
		{Name: "small", Value: 70, Limit: 64, Unit: " MB"},
		{Name: "unknown", Value: math.NaN(), Limit: 1},
	}); err != nil {
		t.Fatal(err)
	}
	want := "goal     wanted    measured  \n" +
		"fast     >= 0.8x   0.90x     held\n" +
		"small    <= 64 MB  70.0 MB   missed\n" +
		"unknown  <= 1      -         not measured\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
