// Package markup turns the text of an update, a small subset of Markdown, into
// HTML that is safe to show and into plain text for mail and chat.
//
// It never lets HTML through: what a writer types as HTML is shown as they
// typed it. Two layers stand between the text and the reader, a Markdown
// renderer that escapes and a sanitiser with a short list of what is allowed,
// because either alone has had holes.
package markup
