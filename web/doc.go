// Package web is the public door: the status page, the incident pages, the
// badge, the feed, the read API, and the pages on which people leave.
//
// Everything that all visitors see alike is served from a snapshot: the public
// record at one version and the bytes made from it. Reading never waits for
// the database, for a template or for compression. The package writes nothing;
// what a visitor asks for (to be told no more) is done by functions handed in.
package web
