package bench

import (
	"context"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestStatLineIsRead(t *testing.T) {
	got, err := parseStat([]byte("4711 (a ) b) S 12 4711 4711 0 -1 4194560 9 0 0 0 250 50 7 7 20 0 5 0 100 1 2"))
	if want := (processStat{pid: 4711, parent: 12, cpu: 3 * time.Second}); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, line := range []string{"", "4711 S 12", "x (a) S 1 2 3 4 5 6 7 8 9 10 11 12"} {
		if got, err := parseStat([]byte(line)); err == nil {
			t.Errorf("read %+v out of %q", got, line)
		}
	}
}

func TestPeakOfTheMemoryIsRead(t *testing.T) {
	if got, err := parsePeak("Name:\tallclear\nVmHWM:\t   21504 kB\nVmRSS:\t   100 kB\n"); err != nil || got != 21 {
		t.Errorf("got %g, %v", got, err)
	}
	if got, err := parsePeak("Name:\tkthreadd\n"); err == nil {
		t.Errorf("read %g out of nothing", got)
	}
}

func TestProcessIsStartedMeasuredAndEnded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	sleeper, err := Start([]string{"GREETING=hello"}, "sh", "-c", "echo $GREETING; exec sleep 60")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sleeper.CPU(); err != nil {
		t.Error(err)
	}
	if peak, err := sleeper.PeakMemory(); err != nil || peak <= 0 {
		t.Errorf("its memory is %g, %v", peak, err)
	}
	for deadline := time.Now().Add(time.Minute); sleeper.Said() == "" && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	if sleeper.Said() != "hello\n" {
		t.Errorf("it said %q", sleeper.Said())
	}
	if err := sleeper.Stop(); err == nil || !strings.Contains(err.Error(), "terminated") {
		t.Errorf("it ended with %v, want by the signal", err)
	}
	if _, err := sleeper.CPU(); err == nil {
		t.Error("it is still there")
	}

	forever, err := Start(nil, "sleep", "60")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := forever.Wait(ctx); err == nil {
		t.Error("a program that never ends ended")
	}
}

func TestProgramsCompile(t *testing.T) {
	if testing.Short() {
		t.Skip("go vet builds them too")
	}
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(t.TempDir(), "")+"/", "./cmd/...").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
