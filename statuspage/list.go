package statuspage

import "github.com/allclear-status/allclear/status"

// listed is how many incidents or maintenances a list shows at most.
const listed = 50

// ComponentList is the body of components.json. Unlike the summary it does not
// repeat the rollup.
type ComponentList struct {
	Page       Page        `json:"page"`
	Components []Component `json:"components"`
}

// ComponentsJSON is components.json.
func ComponentsJSON(r status.Record) ComponentList {
	return ComponentList{Page: ReadPage(r.Page), Components: ReadComponents(r)}
}

// IncidentList is the body of incidents.json and of incidents/unresolved.json.
type IncidentList struct {
	Page      Page       `json:"page"`
	Incidents []Incident `json:"incidents"`
}

// IncidentsJSON is incidents.json: the newest incidents, over or not, without
// the maintenances.
func IncidentsJSON(r status.Record) IncidentList {
	return IncidentList{Page: ReadPage(r.Page), Incidents: newest(readIncidents(r, r.RecentIncidents()))}
}

// UnresolvedJSON is incidents/unresolved.json.
func UnresolvedJSON(r status.Record) IncidentList {
	return IncidentList{Page: ReadPage(r.Page), Incidents: readIncidents(r, r.OpenIncidents())}
}

func readIncidents(r status.Record, incidents []status.Incident) []Incident {
	list := make([]Incident, len(incidents))
	for n, i := range incidents {
		list[n] = ReadIncident(r, i)
	}
	return list
}

// newest cuts a list, newest first, to what the interface shows.
func newest[T any](all []T) []T { return all[:min(len(all), listed)] }
