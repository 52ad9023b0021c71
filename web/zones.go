package web

import (
	_ "embed"
	"strings"
)

// zoneFile lists the time zones that people choose from, one a line: those of
// the time zone database's zone.tab, and UTC.
//
//go:embed zones.txt
var zoneFile string

// zoneNames are the names of the time zones, in alphabetical order.
func zoneNames() []string { return strings.Fields(zoneFile) }
