package statuspage

import (
	"time"

	"github.com/allclear-status/allclear/status"
)

// Page is the page as the read interface shows it.
type Page struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	TimeZone  string `json:"time_zone"`
	UpdatedAt string `json:"updated_at"`
}

// ReadPage is the page in the read interface's shape.
func ReadPage(p status.Page) Page {
	return Page{ID: p.ID, Name: p.Name, URL: p.URL, TimeZone: p.TimeZone, UpdatedAt: FormatTime(p.UpdatedAt, p.Location())}
}

// IncidentURL is the public address of one incident (its shortlink).
func IncidentURL(p status.Page, id string) string { return p.URL + "/incidents/" + id }

// ManagedPage is the page as the managing interface shows it. What this server
// does not have is null or off; logos are null, never strings.
type ManagedPage struct {
	ID                       string  `json:"id"`
	CreatedAt                string  `json:"created_at"`
	UpdatedAt                string  `json:"updated_at"`
	Name                     string  `json:"name"`
	PageDescription          *string `json:"page_description"`
	Headline                 *string `json:"headline"`
	Branding                 string  `json:"branding"`
	Subdomain                *string `json:"subdomain"`
	Domain                   *string `json:"domain"`
	URL                      string  `json:"url"`
	SupportURL               *string `json:"support_url"`
	HiddenFromSearch         bool    `json:"hidden_from_search"`
	AllowPageSubscribers     bool    `json:"allow_page_subscribers"`
	AllowIncidentSubscribers bool    `json:"allow_incident_subscribers"`
	AllowEmailSubscribers    bool    `json:"allow_email_subscribers"`
	AllowSMSSubscribers      bool    `json:"allow_sms_subscribers"`
	AllowRSSAtomFeeds        bool    `json:"allow_rss_atom_feeds"`
	AllowWebhookSubscribers  bool    `json:"allow_webhook_subscribers"`
	NotificationsFromEmail   *string `json:"notifications_from_email"`
	NotificationsEmailFooter *string `json:"notifications_email_footer"`
	ActivityScore            int     `json:"activity_score"`
	TwitterUsername          *string `json:"twitter_username"`
	ViewersMustBeTeamMembers bool    `json:"viewers_must_be_team_members"`
	IPRestrictions           *string `json:"ip_restrictions"`
	City                     *string `json:"city"`
	State                    *string `json:"state"`
	Country                  *string `json:"country"`
	TimeZone                 string  `json:"time_zone"`
	CSSBodyBackgroundColor   *string `json:"css_body_background_color"`
	CSSFontColor             *string `json:"css_font_color"`
	CSSLightFontColor        *string `json:"css_light_font_color"`
	CSSGreens                *string `json:"css_greens"`
	CSSYellows               *string `json:"css_yellows"`
	CSSOranges               *string `json:"css_oranges"`
	CSSBlues                 *string `json:"css_blues"`
	CSSReds                  *string `json:"css_reds"`
	CSSBorderColor           *string `json:"css_border_color"`
	CSSGraphColor            *string `json:"css_graph_color"`
	CSSLinkColor             *string `json:"css_link_color"`
	CSSNoData                *string `json:"css_no_data"`
	FaviconLogo              *string `json:"favicon_logo"`
	TransactionalLogo        *string `json:"transactional_logo"`
	HeroCover                *string `json:"hero_cover"`
	EmailLogo                *string `json:"email_logo"`
	TwitterLogo              *string `json:"twitter_logo"`
}

// ManagePage is the page in the managing interface's shape.
func ManagePage(p status.Page) ManagedPage {
	loc := p.Location()
	return ManagedPage{
		ID: p.ID, Name: p.Name, URL: p.URL, TimeZone: p.TimeZone,
		CreatedAt: FormatTime(p.CreatedAt, loc), UpdatedAt: FormatTime(p.UpdatedAt, loc),
		Branding: "basic", AllowPageSubscribers: true, AllowEmailSubscribers: true, AllowRSSAtomFeeds: true, AllowWebhookSubscribers: true,
	}
}

// Status is the rollup of the page's components.
type Status struct {
	Indicator   string `json:"indicator"`
	Description string `json:"description"`
}

// PageStatus is the body of status.json.
type PageStatus struct {
	Page   Page   `json:"page"`
	Status Status `json:"status"`
}

// StatusJSON is status.json: the page and its rollup.
func StatusJSON(r status.Record) PageStatus {
	return PageStatus{Page: ReadPage(r.Page), Status: rollup(r)}
}

func rollup(r status.Record) Status {
	up := status.RollUp(r.Components)
	return Status{Indicator: string(up.Indicator), Description: up.Description}
}

// PageSummary is the body of summary.json.
type PageSummary struct {
	Page                  Page          `json:"page"`
	Components            []Component   `json:"components"`
	Incidents             []Incident    `json:"incidents"`
	ScheduledMaintenances []Maintenance `json:"scheduled_maintenances"`
	Status                Status        `json:"status"`
}

// Summary is summary.json: every component, the incidents that are not over,
// and the maintenances that are announced or under way. Nothing in it depends
// on the time it is read at.
func Summary(r status.Record, _ time.Time) PageSummary {
	return PageSummary{
		Page: ReadPage(r.Page), Components: ReadComponents(r), Incidents: readIncidents(r, r.OpenIncidents()),
		ScheduledMaintenances: readMaintenances(r, status.MaintenanceScheduled, status.MaintenanceInProgress, status.MaintenanceVerifying),
		Status:                rollup(r),
	}
}
