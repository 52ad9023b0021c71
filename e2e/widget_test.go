package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/allclear-status/allclear/internal/browser"
)

// shopPage is a page of another site, which embeds the widget by its address.
// Its own style is hostile to frames, as those of shops are by accident.
const shopPage = `<!doctype html><html lang="en"><head><title>Shop</title><meta charset="utf-8">
<style>iframe { display: none; max-width: 100%%; width: 1px; border: 9px solid red; }</style>
<script src="%s/embed/script.js"></script></head><body><h1>Shop</h1>
<script>window.addEventListener("error", function (e) { document.title = "broken: " + e.message; });</script></body></html>`

// shop serves a page of another origin that embeds the widget.
func (s *server) shop() string {
	s.t.Helper()
	shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		// A strict policy of the shop's: all that the widget needs of it.
		w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src 'unsafe-inline' %[1]s; frame-src %[1]s; style-src 'unsafe-inline'; img-src 'self'", s.url("")))
		_, _ = io.WriteString(w, fmt.Sprintf(shopPage, s.url("")))
	}))
	s.t.Cleanup(shop.Close)
	return shop.URL
}

// widgetShown says whether a visitor sees the widget, and where it ends.
const widgetShown = `(function () {
	var frame = document.querySelector("iframe");
	if (!frame) return "missing";
	var box = frame.getBoundingClientRect(), style = getComputedStyle(frame);
	if (style.visibility !== "visible" || style.display === "none" || box.right <= 0 || box.top >= innerHeight) return "hidden";
	if (box.left < 0 || box.bottom > innerHeight) return "moving";
	return "shown at " + Math.round(box.left) + "," + Math.round(innerHeight - box.bottom) + " " + Math.round(box.width) + "x" + Math.round(box.height);
})()`

// widget waits until the widget is as wanted, and says how long that took.
func (s *server) widget(ctx context.Context, want string, within time.Duration) time.Duration {
	s.t.Helper()
	began, got := time.Now(), ""
	for time.Since(began) < within {
		var err error
		if got, err = chromedp.Run(ctx, chromedp.Evaluate[string](widgetShown)); err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(got, want) {
			return time.Since(began)
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("the widget is %s after %s, want %s", got, within, want)
	return 0
}

func (s *server) newWidgetServer() (payments string) {
	s.t.Helper()
	s.start()
	payments, _ = s.settle()
	return payments
}

func TestWidgetShowsOnAnotherSiteWhileSomethingIsWrong(t *testing.T) {
	s := newServer(t, "sqlite://"+t.TempDir()+"/widget.db")
	payments := s.newWidgetServer()
	ctx, _ := browser.New(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(s.shop())); err != nil {
		t.Fatal(err)
	}
	s.widget(ctx, "hidden", time.Minute)
	time.Sleep(2500 * time.Millisecond) // longer than it takes to show up
	s.widget(ctx, "hidden", time.Second)

	var incident struct{ ID string }
	s.call("POST", s.page+"/incidents", opening(payments), 201, &incident)
	took := s.widget(ctx, "shown at 60,60 320x115", time.Minute)
	t.Logf("seen whole %s after the post was answered, the slide of 1s included", took.Round(time.Millisecond))
	s.frameSays(t, "Major outage", "Card payments fail", "Next update by", "/incidents/"+incident.ID)

	// The close button stands in the frame's upper right corner.
	if err := chromedp.Do(ctx, chromedp.MouseClickXY(60+320-22, 800-60-115+22)); err != nil {
		t.Fatal(err)
	}
	s.widget(ctx, "hidden", time.Minute)
	if err := chromedp.Do(ctx, chromedp.Reload()); err != nil {
		t.Fatal(err)
	}
	s.widget(ctx, "hidden", time.Minute)
	time.Sleep(2500 * time.Millisecond)
	s.widget(ctx, "hidden", time.Second) // closed is closed, also after a reload

	var search struct{ ID string }
	s.call("POST", s.page+"/incidents", `{"incident":{"name":"Search is slow","body":"Search takes up to 20 seconds since 11:00 UTC."}}`, 201, &search)
	s.widget(ctx, "shown", time.Minute) // another incident is news
	s.call("PATCH", s.page+"/incidents/"+search.ID, `{"incident":{"status":"resolved","body":"Search works as usual again."}}`, 200, nil)
	s.widget(ctx, "hidden", time.Minute)

	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](`window.postMessage({action: "showFrame"}, "*"); ""`)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	s.widget(ctx, "hidden", time.Second) // only the frame itself is listened to
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[string](`statusEmbedTest(); ""`)); err != nil {
		t.Fatal(err)
	}
	s.widget(ctx, "shown", time.Minute)
	title, err := chromedp.Run(ctx, chromedp.Title())
	if err != nil || title != "Shop" {
		t.Errorf("the host's page is %q, %v", title, err)
	}
	if problems := browser.Problems(ctx); len(problems) > 0 {
		t.Errorf("the browser complained: %v", problems)
	}
	if foreign := browser.ForeignRequests(ctx); len(foreign) > 0 {
		t.Errorf("the widget asked other hosts: %v", foreign)
	}
}

// frameSays reads the frame's document as the frame does.
func (s *server) frameSays(t *testing.T, words ...string) {
	t.Helper()
	_, body := s.get("/embed/frame")
	for _, word := range words {
		if !strings.Contains(body, word) {
			t.Errorf("the frame does not say %q:\n%s", word, body)
		}
	}
}

func TestWidgetGoesAwayWhenItIsOver(t *testing.T) {
	s := newServer(t, "sqlite://"+t.TempDir()+"/widget.db")
	payments := s.newWidgetServer()
	var incident struct{ ID string }
	s.call("POST", s.page+"/incidents", opening(payments), 201, &incident)
	ctx, _ := browser.New(t, browser.Viewport(390, 800))
	if err := chromedp.Do(ctx, chromedp.Navigate(s.shop())); err != nil {
		t.Fatal(err)
	}
	s.widget(ctx, "shown at", time.Minute)
	s.call("PATCH", s.page+"/incidents/"+incident.ID, `{"incident":{"status":"resolved","body":"Card payments work again.","components":{"`+payments+`":"operational"}}}`, 200, nil)
	s.widget(ctx, "hidden", time.Minute)
	// The server going away is not the shop's trouble.
	s.kill()
	time.Sleep(2500 * time.Millisecond)
	s.widget(ctx, "hidden", time.Second)
	if title, err := chromedp.Run(ctx, chromedp.Title()); err != nil || title != "Shop" {
		t.Errorf("the host's page is %q, %v", title, err)
	}
}
