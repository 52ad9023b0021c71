// Runs other people's programs on a status page and prints what they read, as
// JSON: node client.mjs http://127.0.0.1:8080 [program ...]
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

import FeedParser from "feedparser";
import ICAL from "ical.js";
import { JSDOM } from "jsdom";
import Parser from "rss-parser";
import { Statuspage } from "statuspage.io";

const base = process.argv[2];
const require = createRequire(import.meta.url);

const programs = { statuspage, widget, rssParser, feedparser, calendar };
const chosen = process.argv.slice(3);
const read = {};
for (const [name, program] of Object.entries(programs)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    read[name] = await program();
  } catch (error) {
    read[name] = { failed: String(error.stack || error) };
  }
}
console.log(JSON.stringify(read, null, 2));

// The npm client of the read interface. Its getActive() asks for upcoming.json.
async function statuspage() {
  const client = new Statuspage("anything");
  client.setApiUrl(base);
  const { api } = client;
  const [summary, status, components] = [await api.getSummary(), await api.getStatus(), await api.getComponents()];
  return {
    indicator: status.status.indicator,
    description: status.status.description,
    page: summary.page.name,
    components: components.components.map((one) => `${one.name}: ${one.status}`),
    open: summary.incidents.map((one) => `${one.name}: ${one.incident_updates[0].body}`),
    planned: summary.scheduled_maintenances.length,
    incidents: (await api.incidents.getAll()).incidents.length,
    unresolved: (await api.incidents.getUnresolved()).incidents.length,
    maintenances: (await api.scheduledMaintenances.getAll()).scheduled_maintenances.length,
    upcoming: (await api.scheduledMaintenances.getUpcoming()).scheduled_maintenances.length,
  };
}

// Atlassian's own web component, on a page of another origin.
async function widget() {
  const source = await readFile(require.resolve("@statuspage/status-widget/dist/index.js"), "utf8");
  const dom = new JSDOM("<!doctype html><body></body>", { url: "http://shop.example/", runScripts: "outside-only", pretendToBeVisual: true });
  dom.window.fetch = (address, options) => fetchAsBrowsersDo(dom, address, options);
  dom.window.eval(source);
  const element = dom.window.document.createElement("statuspage-widget");
  element.setAttribute("src", base);
  dom.window.document.body.append(element);
  const find = (selector) => element.shadowRoot?.querySelector(selector);
  for (let tries = 0; tries < 250 && !find(".status-text"); tries++) await new Promise((done) => setTimeout(done, 20));
  const shown = { words: find(".status-text")?.textContent.trim(), look: find(".status-indicator")?.getAttribute("class") };
  dom.window.close();
  return shown;
}

// Without the header that allows it, a browser hides what another origin says.
async function fetchAsBrowsersDo(dom, address, options) {
  const answer = await fetch(address, { ...options, headers: { ...options?.headers, Origin: dom.window.origin } });
  if (answer.headers.get("access-control-allow-origin") !== "*") throw new TypeError("Failed to fetch");
  return answer;
}

async function rssParser() {
  const read = {};
  for (const path of ["/history.rss", "/history.atom", "/updates.rss", "/updates.atom"]) {
    const feed = await new Parser().parseURL(base + path);
    read[path] = { title: feed.title, items: feed.items.map((one) => ({ title: one.title, link: one.link, guid: one.guid || one.id, text: one.contentSnippet })) };
  }
  return read;
}

async function feedparser() {
  const read = {};
  for (const path of ["/history.rss", "/history.atom", "/updates.rss", "/updates.atom"]) {
    const answer = await fetch(base + path);
    const parser = new FeedParser({ feedurl: base + path });
    const items = [];
    const done = new Promise((resolve, reject) => parser.on("error", reject).on("end", resolve));
    parser.on("readable", () => {
      for (let one; (one = parser.read()); ) items.push({ title: one.title, link: one.link, guid: one.guid, text: one.description });
    });
    parser.end(await answer.text());
    await done;
    read[path] = { title: parser.meta.title, items };
  }
  return read;
}

async function calendar() {
  const answer = await fetch(base + "/calendar.ics");
  const document = new ICAL.Component(ICAL.parse(await answer.text()));
  return document.getAllSubcomponents("vevent").map((one) => {
    const event = new ICAL.Event(one);
    return { uid: event.uid, summary: event.summary, start: event.startDate.toJSDate().toISOString(), end: event.endDate.toJSDate().toISOString() };
  });
}
