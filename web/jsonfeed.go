package web

import (
	"encoding/json"
	"fmt"

	"github.com/allclear-status/allclear/internal/markup"
	"github.com/gofiber/fiber/v2"
)

// jsonFeed is a JSON Feed 1.1. gorilla's leaves out items when there are none,
// which its readers refuse.
type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url"`
	FeedURL     string       `json:"feed_url"`
	Description string       `json:"description"`
	Favicon     string       `json:"favicon"`
	Authors     []jsonAuthor `json:"authors"`
	Language    string       `json:"language"`
	Items       []jsonItem   `json:"items"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

type jsonItem struct {
	ID            string `json:"id"`
	URL           string `json:"url"`
	Title         string `json:"title"`
	ContentHTML   string `json:"content_html"`
	ContentText   string `json:"content_text,omitempty"`
	DatePublished string `json:"date_published"`
	DateModified  string `json:"date_modified"`
}

// historyJSONFeed makes /feed.json, updatesJSONFeed /updates.json.
func (s *Site) historyJSONFeed(sn *Snapshot, _ string) (*answer, error) {
	return s.jsonFeedAnswer(historyFeed(sn), "/feed.json")
}

func (s *Site) updatesJSONFeed(sn *Snapshot, tag string) (*answer, error) {
	return s.jsonFeedAnswer(updatesFeed(sn, tag), "/updates.json")
}

func (s *Site) jsonFeedAnswer(f feed, path string) (*answer, error) {
	document := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: f.title, HomePageURL: f.page.URL, FeedURL: f.page.URL + path,
		Description: f.about, Favicon: f.page.URL + "/favicon.svg", Language: f.language,
		Authors: []jsonAuthor{{markup.StripXML(f.page.Name), f.page.URL}}, Items: []jsonItem{},
	}
	for _, e := range f.entries {
		document.Items = append(document.Items, jsonItem{
			ID: e.guid, URL: e.link, Title: e.title, ContentHTML: e.html, ContentText: e.text,
			DatePublished: f.isoTime(e.published), DateModified: f.isoTime(e.updated),
		})
	}
	body, err := json.Marshal(document)
	if err != nil {
		return nil, fmt.Errorf("encode the feed: %w", err)
	}
	return s.press.answer(fiber.StatusOK, body, openHeaders(typeJSONFeed, cacheShort)...)
}
