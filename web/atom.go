package web

import (
	"encoding/xml"
	"fmt"
	"time"

	"github.com/allclear-status/allclear/internal/markup"
)

// atomFeed is an Atom document. gorilla's lacks what readers of Statuspage's
// look for: published, the address of the feed itself, the language.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Language string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Links    []atomLink  `xml:"link"`
	Title    string      `xml:"title"`
	Updated  string      `xml:"updated"`
	Author   atomAuthor  `xml:"author"`
	Entries  []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomEntry struct {
	ID        string      `xml:"id"`
	Published string      `xml:"published"`
	Updated   string      `xml:"updated"`
	Link      atomLink    `xml:"link"`
	Title     string      `xml:"title"`
	Content   atomContent `xml:"content"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	Body string `xml:",chardata"`
}

// historyAtom makes /history.atom, updatesAtom /updates.atom.
func (s *Site) historyAtom(sn *Snapshot, _ string) (*answer, error) {
	return s.atomAnswer(historyFeed(sn))
}

func (s *Site) updatesAtom(sn *Snapshot, tag string) (*answer, error) {
	return s.atomAnswer(updatesFeed(sn, tag))
}

func (s *Site) atomAnswer(f feed) (*answer, error) {
	document := atomFeed{
		Language: f.language, ID: fmt.Sprintf("tag:%s,2005:/%s", f.host(), f.name),
		Links: []atomLink{
			{Rel: "alternate", Type: "text/html", Href: f.page.URL},
			{Rel: "self", Type: "application/atom+xml", Href: f.page.URL + "/" + f.name + ".atom"},
		},
		Title: f.title, Updated: f.isoTime(f.changed()), Author: atomAuthor{markup.StripXML(f.page.Name)},
	}
	for _, e := range f.entries {
		document.Entries = append(document.Entries, atomEntry{
			ID: fmt.Sprintf("tag:%s,2005:%s", f.host(), e.tag), Published: f.isoTime(e.published), Updated: f.isoTime(e.updated),
			Link: atomLink{Rel: "alternate", Type: "text/html", Href: e.link}, Title: e.title, Content: atomContent{"html", e.html},
		})
	}
	return s.xmlAnswer(document, typeAtom)
}

// isoTime is a time in Atom's form, in the page's zone.
func (f feed) isoTime(t time.Time) string { return t.In(f.page.Location()).Format(time.RFC3339) }
