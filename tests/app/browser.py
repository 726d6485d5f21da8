"""A headless Chromium that clicks through the page: ``python -m tests.app.browser [FOLDER]`` leaves its screenshots in FOLDER.

Controls of marimo keep their insides in shadow roots, so elements are found by a walk through those.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1300,1800",
)
WALK = """
const found = [];
(function walk(root) {
  for (const element of root.querySelectorAll('*')) {
    found.push(element);
    if (element.shadowRoot) walk(element.shadowRoot);
  }
})(document);
"""
"""All elements of the page, shadow roots included."""


def missing() -> str:
    """Return what the browser's tests need and is not here, empty where all is."""
    lacking = [name for name in ("marimo", "selenium") if importlib.util.find_spec(name) is None]
    lacking += [path for path in (CHROMIUM, DRIVER) if shutil.which(path) is None]
    return ", ".join(lacking)


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(**environment: str) -> Iterator[str]:
    """Serve the page in a process of its own; yields its address."""
    port = free_port()
    command = [sys.executable, "-m", "gametheory_rl", "app", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address: str, seconds: float = 120.0) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=2):
            return
        time.sleep(0.05)
    raise TimeoutError(f"{address} did not answer in {seconds:g} s")


class Browser:
    """A page in a headless Chromium with a profile of its own."""

    def __init__(self, folder: str) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))

    def find(self, test: str, seconds: float = 60.0):
        """Return the first element for which the JavaScript ``test`` of ``e`` holds, waiting for it."""
        end = time.monotonic() + seconds
        while True:
            found = self.driver.execute_script(f"{WALK} return found.find(e => {test}) || null;")
            if found is not None:
                return found
            if time.monotonic() > end:
                raise TimeoutError(f"nothing on the page has {test}; it says: {self.text()[:2000]}")
            time.sleep(0.05)

    def text(self) -> str:
        """Return the page's words, those in shadow roots included."""
        return self.driver.execute_script(f"{WALK} return found.filter(e => e.children.length === 0).map(e => e.textContent).join(' | ');")

    def wait_text(self, text: str, seconds: float = 60.0):
        """Wait until an element without children holds ``text``."""
        return self.find(f"e.offsetParent !== null && e.children.length === 0 && (e.textContent || '').includes({text!r})", seconds)

    def click_text(self, text: str) -> None:
        """Click what says exactly ``text``: a tab, a button."""
        end = time.monotonic() + 30
        element = self.find(f"e.offsetParent !== null && ['BUTTON', 'A', 'LABEL'].includes(e.tagName) && (e.textContent || '').trim() === {text!r}")
        while True:
            try:
                element.click()
                return
            except Exception:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def choose(self, label: str, option: str) -> None:
        """Choose ``option`` in the dropdown called ``label``."""
        from selenium.webdriver.support.ui import Select

        labelled = f"(e.closest('marimo-dropdown') || (e.getRootNode().host)) && e.tagName === 'SELECT' && e.getRootNode().host"
        inside = f"(e.getRootNode().host.textContent + e.getRootNode().textContent).includes({label!r})"
        Select(self.find(f"{labelled} && {inside}")).select_by_visible_text(option)

    def type_cell(self, index: int, text: str) -> None:
        """Replace what stands in text box ``index`` and press Enter."""
        from selenium.webdriver.common.keys import Keys

        box = self.driver.execute_script(f"{WALK} return found.filter(e => e.tagName === 'INPUT' && e.type === 'text')[{index}];")
        box.send_keys(Keys.CONTROL, "a")
        box.send_keys(text + Keys.ENTER)

    def shot(self, path: Path) -> None:
        """Save a screenshot."""
        self.driver.save_screenshot(str(path))

    def complaints(self) -> list[str]:
        """Return what the page logged as an error."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser with a fresh profile; it ends with the block."""
    with tempfile.TemporaryDirectory() as folder:
        found = Browser(folder)
        try:
            yield found
        finally:
            found.driver.quit()
