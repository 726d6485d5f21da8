"""The page itself, a marimo notebook: cells lay out controls and call the plain functions beside it."""

import marimo

app = marimo.App(width="medium", app_title="gametheory_rl")


@app.cell
def _():
    import marimo as mo

    from gametheory_rl import GameError, load_game
    from gametheory_rl.app import _edit as edit
    from gametheory_rl.app import _figures as figures
    from gametheory_rl.app import _pictures as pictures
    from gametheory_rl.app import _stage as stage

    def image(png):
        """Show a picture in its own size: a stack would stretch it."""
        return mo.Html(figures.image_html(png))

    return GameError, edit, figures, image, load_game, mo, pictures, stage


@app.cell
def _(mo):
    section = mo.ui.tabs(
        {
            "Matrix games": mo.md("Pick a game or type payoffs, and see its equilibria, and how they are found."),
            "Stochastic games": mo.md("Pick a game of several states, see its exact solution, and step through value iteration."),
            "Learning": mo.md("Train a learner and watch its exact distance from equilibrium."),
            "Matches": mo.md("Watch policies play on the board, the exact equilibrium or what a learner made of it."),
        }
    )
    mo.vstack([mo.md("# gametheory_rl"), section])
    return (section,)


# ---- matrix games ----------------------------------------------------------------------------------------------------


@app.cell
def _(edit, load_game, mo):
    get_base, set_base = mo.state(load_game(edit.START))
    get_upload_error, set_upload_error = mo.state("")
    kept = {}
    return get_base, set_base, get_upload_error, kept, set_upload_error


@app.cell
def _(GameError, edit, load_game, mo, section, set_base, set_upload_error):
    mo.stop(section.value != "Matrix games")

    def _take(files):
        if not files:
            return
        try:
            set_base(edit.game_of_file(files[0].name, files[0].contents))
            set_upload_error("")
        except GameError as error:
            set_upload_error(str(error))

    _names = [name for name in edit.matrix_games() if edit.editable(load_game(name))]
    game_name = mo.ui.dropdown(_names, value=edit.START, label="Game", on_change=lambda name: set_base(load_game(name)))
    game_file = mo.ui.file(filetypes=list(edit.FORMS), label="or a file: " + " ".join(edit.FORMS), on_change=_take)
    mo.hstack([game_name, game_file], justify="start", gap=2)
    return


@app.cell
def _(get_upload_error, mo):
    mo.stop(not get_upload_error())
    mo.callout(get_upload_error(), kind="warn")
    return


@app.cell
def _(edit, get_base, mo, section):
    mo.stop(section.value != "Matrix games")
    _sizes = list(range(edit.FEWEST, edit.MOST + 1))
    _m, _n = get_base().num_actions
    rows = mo.ui.dropdown({str(k): k for k in _sizes}, value=str(_m), label="rows")
    columns = mo.ui.dropdown({str(k): k for k in _sizes}, value=str(_n), label="columns")
    mo.hstack([rows, columns], justify="start", gap=1)
    return columns, rows


@app.cell
def _(columns, edit, get_base, kept, mo, rows):
    base = get_base()
    _last = kept.get(id(base), base)  # what was typed outlives another size of the grid
    _texts = edit.cells(_last, rows.value, columns.value)
    grid = mo.ui.array([mo.ui.text(value=text, full_width=True) for row in _texts for text in row])
    _lines = [mo.hstack([grid[i * columns.value + j] for j in range(columns.value)], widths="equal") for i in range(rows.value)]
    _help = (
        "In each cell the payoffs of the row and of the column player, such as 3, 2; one number where the game is zero-sum. Enter applies."
    )
    mo.vstack([mo.md(f"<small>{_help}</small>"), *_lines], gap=0.25)
    return base, grid


@app.cell
def _(GameError, edit, base, columns, grid, kept, mo, rows):
    _flat, _wide = grid.value, columns.value
    try:
        game, _problem = edit.edited(base, [_flat[i * _wide : (i + 1) * _wide] for i in range(rows.value)]), ""
    except GameError as error:
        game, _problem = None, str(error)
    mo.stop(game is None, mo.callout(_problem, kind="warn"))
    kept.clear()
    kept[id(base)] = game
    return (game,)


@app.cell
def _(stage, game, mo):
    mo.Html(stage.payoff_html(game))
    return


@app.cell
def _(figures, stage, game, mo):
    found = stage.enumerate_equilibria(game)
    _names = [game.labels.player(player) for player in (0, 1)]
    _columns = ["", f"{_names[0]} plays", f"{_names[1]} plays", f"{_names[0]} gets", f"{_names[1]} gets", "regret"]
    _table = figures.table(_columns, stage.equilibrium_rows(game, found), "equilibria")
    mo.vstack([mo.md(f"**{stage.equilibrium_sentence(found)}**"), mo.Html(_table)])
    return (found,)


@app.cell
def _(pictures, columns, mo, rows):
    picture = mo.ui.dropdown(pictures.names(rows.value, columns.value), value=pictures.FIRST, label="Picture")
    label = mo.ui.dropdown({str(k): k for k in range(rows.value + columns.value)}, value="0", label="Label to drop (Lemke-Howson)")
    mo.hstack([picture, label], justify="start", gap=2)
    return label, picture


@app.cell
def _(stage, game, label, mo):
    path = stage.path_rows(game, label.value)
    pivot = mo.ui.slider(0, len(path) - 1, value=len(path) - 1, label="Pivot", show_value=True, full_width=True)
    return path, pivot


@app.cell
def _(found, game, GameError, image, label, mo, picture, pictures, pivot):
    try:
        _shown = image(pictures.draw(picture.value, game, found, label.value, pivot.value))
    except GameError as error:
        _shown = mo.callout(str(error), kind="info")
    mo.vstack([_shown], align="start")
    return


@app.cell
def _(figures, mo, path, pivot):
    _table = figures.table(["pivot", "what happens", "x plays", "y plays", "labels"], path[: pivot.value + 1], "path")
    mo.vstack([mo.md("**The path of Lemke and Howson, pivot by pivot**"), pivot, mo.Html(_table)])
    return


@app.cell
def _(edit, game, mo):
    def _download(ending):
        return mo.download(lambda: edit.file_of_game(game, ending), filename=f"game{ending}", label=ending)

    mo.hstack([mo.md("Save the game:"), *(_download(ending) for ending in edit.FORMS)], justify="start", gap=1)
    return


# ---- stochastic games ------------------------------------------------------------------------------------------------


@app.cell
def _(edit, mo, section):
    mo.stop(section.value != "Stochastic games")
    from gametheory_rl.app import _sweeps as sweeps_module

    stochastic_name = mo.ui.dropdown(edit.stochastic_games(), value="big_match", label="Game")
    mo.hstack([stochastic_name], justify="start")
    return sweeps_module, stochastic_name


@app.cell
def _(sweeps_module, mo, stochastic_name):
    with mo.status.spinner(title="solving"):
        answer = sweeps_module.solved(stochastic_name.value)
    mo.md(f"**{sweeps_module.headline(answer)}**")
    return (answer,)


@app.cell
def _(sweeps_module, answer, mo):
    _names = {f"{s}: {answer.game.labels.state(s)}" if answer.game.labels.states else str(s): s for s in range(answer.game.num_states)}
    _first = next(name for name, s in _names.items() if s == sweeps_module.first_state(answer.game))
    state = mo.ui.dropdown(_names, value=_first, label="State", searchable=True)
    _count = sweeps_module.num_sweeps(answer)
    sweep = mo.ui.slider(0, max(_count, 1), value=0, label="Sweep of value iteration", show_value=True, full_width=True)
    mo.vstack([state, *([sweep] if _count else [])])
    return state, sweep


@app.cell
def _(answer, figures, image, mo, state, sweep, sweeps_module):
    if sweeps_module.num_sweeps(answer):
        _shown = [
            mo.md(sweeps_module.sweep_sentence(answer, sweep.value, state.value)),
            mo.hstack(
                [
                    image(sweeps_module.stage_picture(answer, sweep.value, state.value)),
                    image(sweeps_module.band_picture(answer, sweep.value, state.value)),
                ],
                justify="start",
                wrap=True,
            ),
        ]
    else:
        _shown = [mo.md("Value iteration proves nothing about a general-sum game of two players, so there are no sweeps to step through.")]
    mo.vstack(_shown)
    return


@app.cell
def _(answer, figures, image, mo, state, sweeps_module):
    _columns = ["state", *(f"value to {answer.game.labels.player(i)}" for i in range(answer.game.num_players))]
    _table = mo.Html(figures.table(_columns, sweeps_module.value_rows(answer), "values"))
    mo.vstack([mo.md("**The solution**"), image(sweeps_module.solution_picture(answer, state.value)), _table])
    return


# ---- learning --------------------------------------------------------------------------------------------------------


@app.cell
def _(edit, mo, section):
    mo.stop(section.value != "Learning")
    from gametheory_rl.app import _training as training_module

    training = mo.ui.dictionary(
        {
            "game": mo.ui.dropdown([*edit.matrix_games(), *edit.stochastic_games()], value="rock_paper_scissors", label="Game"),
            "learner": mo.ui.dropdown(training_module.learners(), value="wolf_phc", label="Learner"),
            "steps": mo.ui.dropdown({f"{n:,}": n for n in (1_000, 10_000, 100_000, 1_000_000)}, value="10,000", label="Steps"),
            "seeds": mo.ui.dropdown({str(n): n for n in (1, 2, 4, 8)}, value="4", label="Seeds"),
        }
    )
    train = mo.ui.run_button(label="Train")
    mo.hstack([*training.elements.values(), train], justify="start", gap=1)
    return train, training, training_module


@app.cell
def _(GameError, image, mo, train, training, training_module):
    mo.stop(not train.value, mo.md("Press Train: the gap is drawn as it falls."))
    _run = None
    try:
        with mo.status.progress_bar(total=100, title="training", remove_on_exit=True) as _bar:
            _done = 0
            for _share, _run in training_module.train(**training.value):
                _bar.update(increment=round(100 * _share) - _done)
                _done = round(100 * _share)
                mo.output.replace(image(training_module.gap_picture(_run)))
        _shown = mo.vstack([mo.md(f"**{training_module.verdict(_run)}**"), image(training_module.gap_picture(_run))])
    except GameError as error:
        _shown = mo.callout(str(error), kind="warn")
    mo.output.replace(_shown)
    return


# ---- matches ---------------------------------------------------------------------------------------------------------


@app.cell
def _(edit, mo, section):
    mo.stop(section.value != "Matches")
    from gametheory_rl.app import _match as match_module

    _boards = edit.board_games()
    match_form = mo.ui.dictionary(
        {
            "board": mo.ui.dropdown(_boards, value="soccer", label="Game"),
            "first": mo.ui.dropdown(list(match_module.POLICIES), value="equilibrium", label="Player 1 plays"),
            "second": mo.ui.dropdown(list(match_module.POLICIES), value="uniform", label="Player 2 plays"),
            "learner": mo.ui.dropdown(["minimax_q", "independent_q", "foe_q", "friend_q"], value="minimax_q", label="Learned by"),
            "seed": mo.ui.number(0, 999, step=1, value=0, label="Match"),
        }
    )
    mo.hstack(list(match_form.elements.values()), justify="start", gap=1, wrap=True)
    return match_module, match_form


@app.cell
def _(GameError, match_module, load_game, match_form, mo):
    _told = match_form.value
    pitch = load_game(_told["board"])
    try:
        with mo.status.spinner(title="solving and learning"):
            _profile = match_module.policies(_told["board"], (_told["first"], _told["second"]), _told["learner"])
        frames, _problem = match_module.play(pitch, _profile, int(_told["seed"])), ""
    except GameError as error:
        frames, _problem = None, str(error)
    mo.stop(frames is None, mo.callout(_problem, kind="warn"))
    return frames, pitch


@app.cell
def _(frames, mo):
    get_frame, set_frame = mo.state(0)
    _count = len(frames)
    ticker = mo.ui.refresh(
        options=["0.5s", "1s"], label="Play by itself, a step each", on_change=lambda _: set_frame(lambda k: (k + 1) % _count)
    )
    return get_frame, set_frame, ticker


@app.cell
def _(frames, get_frame, mo, set_frame, ticker):
    frame = mo.ui.slider(0, len(frames) - 1, value=get_frame(), label="Step", show_value=True, full_width=True, on_change=set_frame)
    mo.vstack([frame, ticker])
    return


@app.cell
def _(frames, get_frame, image, match_module, mo, pitch):
    mo.vstack([mo.md(match_module.score(pitch, frames, get_frame())), image(match_module.frame_picture(pitch, frames, get_frame()))])
    return


if __name__ == "__main__":
    app.run()
