package web

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gorilla/feeds"
)

// rssFeed wraps gorilla's channel to get exactly Statuspage's shape: its own
// document element adds a namespace, and its items another order.
type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Atom    string     `xml:"xmlns:atom,attr,omitempty"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	*feeds.RssFeed
	XMLName xml.Name  `xml:"channel"`
	Self    *atomLink `xml:"atom:link"`
	Items   []rssItem `xml:"item"`
}

type rssItem struct {
	Title              string  `xml:"title"`
	Description        string  `xml:"description"`
	PubDate            string  `xml:"pubDate"`
	MaintenanceEndDate string  `xml:"maintenanceEndDate,omitempty"` // Statuspage's, in no namespace
	Link               string  `xml:"link"`
	GUID               rssGUID `xml:"guid"`
}

type rssGUID struct {
	Value     string `xml:",chardata"`
	PermaLink string `xml:"isPermaLink,attr,omitempty"`
}

// historyRSS makes /history.rss, in Statuspage's shape alone.
func (s *Site) historyRSS(sn *Snapshot, _ string) (*answer, error) {
	f := historyFeed(sn)
	return s.rssAnswer(f, rssFeed{Version: "2.0", DC: namespaceDC, Channel: rssChannel{
		RssFeed: &feeds.RssFeed{Title: f.title, Link: f.page.URL, Description: "Statuspage", PubDate: f.rssTime(f.page.UpdatedAt)},
	}})
}

// updatesRSS makes /updates.rss.
func (s *Site) updatesRSS(sn *Snapshot, tag string) (*answer, error) {
	f := updatesFeed(sn, tag)
	return s.rssAnswer(f, rssFeed{Version: "2.0", DC: namespaceDC, Atom: namespaceAtom, Channel: rssChannel{
		RssFeed: &feeds.RssFeed{Title: f.title, Link: f.page.URL, Description: f.about, Language: f.language, PubDate: f.rssTime(f.changed())},
		Self:    &atomLink{Rel: "self", Type: "application/rss+xml", Href: f.page.URL + "/updates.rss"},
	}})
}

const (
	namespaceAtom = "http://www.w3.org/2005/Atom"
	namespaceDC   = "http://purl.org/dc/elements/1.1/"
)

func (s *Site) rssAnswer(f feed, document rssFeed) (*answer, error) {
	for _, e := range f.entries {
		item := rssItem{Title: e.title, Description: e.html, PubDate: f.rssTime(e.dated), Link: e.link, GUID: rssGUID{Value: e.guid}}
		if e.guid != e.link {
			item.GUID.PermaLink = "false"
		}
		if !e.ends.IsZero() {
			item.MaintenanceEndDate = f.rssTime(e.ends)
		}
		document.Channel.Items = append(document.Channel.Items, item)
	}
	return s.xmlAnswer(document, typeRSS)
}

// rssTime is a time in RSS's form, in the page's zone.
func (f feed) rssTime(t time.Time) string {
	return t.In(f.page.Location()).Format(time.RFC1123Z)
}

func (s *Site) xmlAnswer(document any, contentType string) (*answer, error) {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(&out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return nil, fmt.Errorf("encode the feed: %w", err)
	}
	return s.press.answer(fiber.StatusOK, out.Bytes(), openHeaders(contentType, cacheShort)...)
}
