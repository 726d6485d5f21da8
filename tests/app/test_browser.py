"""The page clicked through in a real browser: ``python -m pytest tests/app -m slow``."""

import pytest

from tests.app import browser


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(bool(browser.missing()), reason=f"not installed: {browser.missing()}")
def test_every_section_answers_clicks_and_logs_no_error():
    assert browser.tour() == []
