package pgcluster

import (
	"io"
	"os/exec"
)

// reaperScript waits for the end of its input, which comes when our process
// ends for whatever reason, even kill -9. Then it ends a server that is still
// there and removes the directory, which is its argument. It looks at the
// process's command line first: after Kill the number in postmaster.pid may
// belong to somebody else.
const reaperScript = `
dir=$1
alive() {
	[ -e "$dir/data/postmaster.pid" ] || return 1
	pid=$(head -n 1 "$dir/data/postmaster.pid" 2>/dev/null)
	args=$({ cat "/proc/$pid/cmdline" || ps -o args= -p "$pid"; } 2>/dev/null | tr '\000' ' ')
	case $args in *"$dir/data"*) return 0 ;; esac
	return 1
}
cat >/dev/null
alive && kill -QUIT "$pid"
i=0
while alive && [ $i -lt 100 ]; do
	sleep 0.1
	i=$((i + 1))
done
alive && kill -KILL "$pid"
rm -rf -- "$dir"
`

// reaper is a small process that outlives ours, to clean up behind it.
type reaper struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

func startReaper(dir string) (*reaper, error) {
	cmd := exec.Command("sh", "-c", reaperScript, "allclear-pg-reaper", dir)
	cmd.Dir = "/"
	cmd.SysProcAttr = detached()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &reaper{cmd, stdin}, nil
}

// dismiss ends the reaper, which by then has nothing to do.
func (r *reaper) dismiss() {
	r.stdin.Close()
	r.cmd.Wait()
}
