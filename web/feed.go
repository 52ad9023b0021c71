package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/allclear-status/allclear/internal/lang"
	"github.com/allclear-status/allclear/internal/markup"
	"github.com/allclear-status/allclear/status"
	"github.com/allclear-status/allclear/statuspage"
	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/feeds"
)

// feedItems is how many incidents the feed holds at most.
const feedItems = 50

// rssFeed wraps gorilla's channel to get exactly Statuspage's shape: its own
// document element adds a namespace, and its items another order.
type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	*feeds.RssFeed
	XMLName xml.Name  `xml:"channel"`
	Items   []rssItem `xml:"item"`
}

// rssItem is one incident. Its guid never changes: readers that know it would
// otherwise show every incident anew.
type rssItem struct {
	Title       string `xml:"title"`
	Description string `xml:"description"`
	PubDate     string `xml:"pubDate"`
	Link        string `xml:"link"`
	GUID        string `xml:"guid"`
}

// feedAnswer makes /history.rss: one item an incident, newest first. Its fixed
// words stay English in every language, because programs look for
// "<strong>Resolved</strong>".
func (s *Site) feedAnswer(sn *Snapshot) (*answer, error) {
	r := sn.record
	loc := r.Page.Location()
	changed := r.Page.UpdatedAt
	items := []rssItem{}
	for _, i := range r.RecentIncidents() {
		if len(items) == feedItems {
			break
		}
		items = append(items, feedItem(r.Page, i))
	}
	feed := rssFeed{Version: "2.0", DC: "http://purl.org/dc/elements/1.1/", Channel: rssChannel{
		RssFeed: &feeds.RssFeed{
			Title: markup.StripXML(r.Page.Name) + " Status - Incident History", Link: r.Page.URL,
			Description: "Statuspage", PubDate: changed.In(loc).Format(time.RFC1123Z),
		},
		Items: items,
	}}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(&out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(feed); err != nil {
		return nil, fmt.Errorf("encode the feed: %w", err)
	}
	return s.press.answer(fiber.StatusOK, out.Bytes(), openHeaders(typeRSS, cacheShort)...)
}

func feedItem(p status.Page, i status.Incident) rssItem {
	address := statuspage.IncidentURL(p, i.ID)
	published := i.CreatedAt
	if latest, ok := i.Latest(); ok {
		published = latest.DisplayAt
	}
	return rssItem{
		Title: markup.StripXML(i.Name), Description: feedBody(p, i),
		PubDate: published.In(p.Location()).Format(time.RFC1123Z), Link: address, GUID: address,
	}
}

// feedBody is the incident's timeline as HTML, newest first, in the markup
// that readers of Statuspage's feeds take apart.
func feedBody(p status.Page, i status.Incident) string {
	var out strings.Builder
	for n := len(i.Updates) - 1; n >= 0; n-- {
		u := i.Updates[n]
		at := u.DisplayAt.In(p.Location())
		label := lang.Text(lang.Default, "incident.update")
		if n == 0 || i.Updates[n-1].Status != u.Status {
			label = incidentState(lang.Default, u.Status)
		}
		fmt.Fprintf(&out, "<p><small>%s <var data-var='date'>%2d</var>, <var data-var='time'>%s</var> %s</small><br><strong>%s</strong> - %s</p>",
			at.Format("Jan"), at.Day(), at.Format("15:04"), html.EscapeString(lang.Zone(at)), label, lines(u.Body))
	}
	return out.String()
}

// lines is a message as one paragraph of HTML with its line breaks.
func lines(body string) string {
	return strings.ReplaceAll(html.EscapeString(markup.Text(body)), "\n", "<br>")
}
