package lang

import "strings"

// Pair is a name and its value the way a sentence puts them: "State: Resolved".
func Pair(tag, name, value string) string { return Text(tag, "list.pair", name, value) }

// List joins names the way a sentence does: "Checkout, Search and Payments".
func List(tag string, names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return Text(tag, "list.and", strings.Join(names[:last], ", "), names[last])
}
