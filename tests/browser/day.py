"""A day of a wall in minutes: what it does all day, by a clock that is turned on, and what the browser then holds."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import CDPSession, Page, expect


@dataclass(frozen=True)
class Held:
    heap: int  # bytes, after collecting garbage
    nodes: int
    listeners: int
    images: int
    sources: int
    labels: int

    def __str__(self) -> str:
        return (
            f"heap {self.heap / 1e6:6.2f} MB  nodes {self.nodes:5d}  listeners {self.listeners:4d}  "
            f"images {self.images:2d}  sources {self.sources:2d}  labels {self.labels:3d}"
        )


def measure(page: Page, devtools: CDPSession) -> Held:
    """At the first stop of the tour, at rest, so that two measurements show the same."""
    for _ in range(40):
        if page.locator(".tour li").first.get_attribute("class") == "here":
            break
        before = page.locator(".tour .place").inner_text()
        page.keyboard.press("ArrowRight")
        expect(page.locator(".tour .place")).not_to_have_text(before, timeout=20_000)
    page.wait_for_function("() => !weathermap.map.isMoving() && weathermap.map.areTilesLoaded()", timeout=30_000)
    for _ in range(3):
        devtools.send("HeapProfiler.collectGarbage")
    found = {m["name"]: int(m["value"]) for m in devtools.send("Performance.getMetrics")["metrics"]}
    images, sources, labels = page.evaluate(
        "() => [weathermap.map.listImages().length, Object.keys(weathermap.map.getStyle().sources).length,"
        " document.querySelectorAll('.label').length]"
    )
    return Held(found["JSHeapUsedSize"], found["Nodes"], found["JSEventListeners"], images, sources, labels)


def open_devtools(page: Page) -> CDPSession:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    devtools.send("HeapProfiler.enable")
    return devtools


def pass_time(page: Page, minutes: int, step: int, rest_ms: int = 60) -> None:
    """Turn the clock on by `minutes`, `step` at a time; between two the page does what it then does."""
    for _ in range(0, minutes, step):
        page.clock.fast_forward(step * 60_000)
        page.wait_for_timeout(rest_ms)
