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
        words = "e.children.length === 0 && !['STYLE', 'SCRIPT'].includes(e.tagName)"
        return self.driver.execute_script(f"{WALK} return found.filter(e => {words}).map(e => e.textContent).join(' | ');")

    def wait_text(self, text: str, seconds: float = 60.0):
        """Wait until an element without children holds ``text``."""
        return self.find(f"e.offsetParent !== null && e.children.length === 0 && (e.textContent || '').includes({text!r})", seconds)

    def click_text(self, text: str) -> None:
        """Click what says exactly ``text``: a tab, a button."""
        end = time.monotonic() + 30
        kinds = "['BUTTON', 'A', 'LABEL'].includes(e.tagName)"
        element = self.find(f"e.offsetParent !== null && {kinds} && (e.textContent || '').trim() === {text!r}")
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

        inside = f"(e.getRootNode().host.textContent + e.getRootNode().textContent).includes({label!r})"
        Select(self.find(f"e.tagName === 'SELECT' && e.getRootNode().host && {inside}")).select_by_visible_text(option)

    def type_cell(self, index: int, text: str) -> None:
        """Replace what stands in text box ``index`` and press Enter."""
        from selenium.webdriver.common.keys import Keys

        box = self.driver.execute_script(f"{WALK} return found.filter(e => e.tagName === 'INPUT' && e.type === 'text')[{index}];")
        box.send_keys(Keys.END + 30 * Keys.BACKSPACE + text + Keys.ENTER)

    def edit_delay(self, index: int, text: str) -> list[float]:
        """Return the two delays, in seconds, from the change of text box ``index`` to ``text`` until the payoff table
        and until the picture are new.

        Measured in the page: the clock starts with the event, and stops when both are in the document and the picture is decoded.
        """
        script = (
            WALK
            + """
        const [index, text, done] = arguments;
        const box = found.filter(e => e.tagName === 'INPUT' && e.type === 'text')[index];
        const table = () => document.querySelector('.gt-payoffs'), picture = () => document.querySelector('.gt-picture');
        const before = [table().outerHTML, picture().src];
        const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
        box.focus();
        set.call(box, text);
        box.dispatchEvent(new Event('input', {bubbles: true}));
        const start = performance.now();
        box.blur();
        const marks = {};
        const look = () => {
          if (!marks.table && table() && table().outerHTML !== before[0]) marks.table = performance.now() - start;
          const shown = picture();
          if (shown && shown.src !== before[1] && shown.complete) marks.picture = performance.now() - start;
          if (marks.table && marks.picture) done([marks.table / 1000, marks.picture / 1000]); else setTimeout(look, 5);
        };
        look();
        """
        )
        self.driver.set_script_timeout(60)
        return self.driver.execute_async_script(script, index, text)

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


def edit_and_look(page: Browser) -> None:
    """Pick a game, edit it, spoil it, mend it, and look at its pictures."""
    page.choose("Game", "rock_paper_scissors")
    page.wait_text("scissors 1/3")
    page.choose("Game", "battle_of_the_sexes")
    page.wait_text("3 equilibria, and there are no others.")
    page.type_cell(0, "3, x")
    page.wait_text("row 1, column 1 holds")
    page.type_cell(0, "-1, 1")
    page.wait_text("1 equilibrium, and there are no others.")
    page.choose("rows", "3")
    page.wait_text("new 3")
    page.wait_text("\N{MINUS SIGN}1")
    page.choose("Game", "chicken")
    page.wait_text("3 equilibria, and there are no others.")
    page.choose("Picture", "Best-response curves")


def carry_files(page: Browser) -> None:
    """Bring a game as a file, and take it away as another."""
    from gametheory_rl import load_game, save_game

    with tempfile.TemporaryDirectory() as folder:
        brought = save_game(load_game("prisoners_dilemma"), Path(folder) / "brought.json")
        page.find("e.tagName === 'INPUT' && e.type === 'file'").send_keys(str(brought))
        page.wait_text("1 equilibrium, and there are no others.")
        page.driver.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
        page.click_text(".nfg")
        taken, end = Path(folder) / "game.nfg", time.monotonic() + 60
        while not taken.exists():
            if time.monotonic() > end:
                raise TimeoutError("no file came")
            time.sleep(0.1)
        assert (load_game(taken).payoff == load_game(brought).payoff).all()


def solve_and_step(page: Browser) -> None:
    """Solve a stochastic game and move the slider of value iteration."""
    from selenium.webdriver.common.keys import Keys

    page.click_text("Stochastic games")
    page.wait_text("no value is off by more than")
    page.wait_text("Before the first sweep")
    thumb = page.find("e.getAttribute('role') === 'slider' && e.getRootNode().host.outerHTML.includes('Sweep of')")
    thumb.send_keys(Keys.ARROW_RIGHT)
    page.wait_text("After sweep 1 ")


def train_and_watch(page: Browser) -> None:
    """Train a learner to its end, and watch a match."""
    page.click_text("Learning")
    page.wait_text("Press Train")
    page.click_text("Train")
    page.wait_text("Exact gap at the end", 240)
    page.click_text("Matches")
    page.wait_text("Step 0 of", 240)
    page.choose("Play by itself", "1s")
    page.wait_text("Step 2 of", 120)


TOURS = {"edit": edit_and_look, "files": carry_files, "solve": solve_and_step, "train": train_and_watch}


def tour(folder: Path | None = None) -> list[str]:
    """Click through the page, with a screenshot of each part in ``folder``; returns what the page logged as errors."""
    with browser() as page, served() as address:
        wait_for(address)
        page.driver.get(address)
        page.find("e.classList && e.classList.contains('gt-payoffs')", 120)
        for name, part in TOURS.items():
            part(page)
            if folder is not None:
                time.sleep(2)
                page.shot(folder / f"{name}.png")
        return page.complaints()


def measure() -> dict[str, float]:
    """Return seconds: from the command to the first table and picture, warm, and from an edit of a 5 x 5 game to the new ones."""
    found = {}
    with browser() as page, served() as address:
        start = time.monotonic()
        wait_for(address)
        page.driver.get(address)
        page.find("e.classList && e.classList.contains('gt-payoffs')", 120)
        found["first table"] = time.monotonic() - start
        page.find("e.classList && e.classList.contains('gt-picture')", 120)
        found["first picture"] = time.monotonic() - start
        page.choose("Game", "coordination")
        page.wait_text("31 equilibria", 120)
        time.sleep(2)
        delays = sorted(page.edit_delay(0, f"{k}, {k}") for k in range(2, 13))
        found |= dict(zip(("edit to table", "edit to picture"), delays[len(delays) // 2], strict=True))
    return found


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "app_screenshots")
    target.mkdir(parents=True, exist_ok=True)
    print("errors logged by the page:", tour(target))
    for what, seconds in measure().items():
        print(f"{what}: {seconds:.2f} s")
