package bench

import (
	"strings"
	"testing"
	"time"
)

const wrkReport = `Running 2s test @ http://127.0.0.1:9100/
  2 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.24ms    2.50ms  37.27ms   90.01%
    Req/Sec    58.11k     9.50k   76.92k    70.00%
  Latency Distribution
     50%  441.00us
     75%    0.97ms
     90%    3.30ms
     99%   12.20ms
  231409 requests in 2.00s, 1.39GB read
Requests/sec: 115704.12
Transfer/sec:    711.10MB
`

func TestReportOfWrkIsRead(t *testing.T) {
	got, err := ParseWrk(wrkReport)
	want := Load{PerSecond: 115704.12, Requests: 231409, P50: 441 * time.Microsecond, P99: 12200 * time.Microsecond}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestFailuresInAReportOfWrkAreSeen(t *testing.T) {
	report := strings.Replace(wrkReport, "Requests/sec",
		"  Socket errors: connect 0, read 1, write 2, timeout 30\n  Non-2xx or 3xx responses: 7\nRequests/sec", 1)
	if got, err := ParseWrk(report); err != nil || got.Broken != 33 || got.Refused != 7 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := ParseWrk("unable to connect to 127.0.0.1:9100 Connection refused"); err == nil {
		t.Errorf("read %+v out of an error message", got)
	}
}
