import click
from click.testing import CliRunner

@click.group()
@click.option("--verbose/--quiet", default=False, help="Say more.")
@click.pass_context
def cli(ctx, verbose):
    """A tool with commands."""
    ctx.obj = verbose

@cli.command()
@click.argument("names", nargs=-1, required=True)
@click.option("-n", "--count", type=click.IntRange(1, 5), default=1, show_default=True)
@click.option("--shout", is_flag=True)
@click.pass_obj
def greet(verbose, names, count, shout):
    """Greets NAMES."""
    for _ in range(count):
        text = "Hello " + ", ".join(names)
        click.secho(text.upper() if shout else text, fg="green")
    if verbose:
        click.echo("done")

@cli.command()
@click.option("--colour", type=click.Choice(["red", "blue"]), prompt=True)
@click.password_option()
def login(colour, password):
    click.echo(f"{colour} {len(password)}")

runner = CliRunner()
for args, text in ((["--help"], None), (["greet", "--help"], None), (["--verbose", "greet", "Ann", "Bob", "-n2", "--shout"], None), (["greet"], None),
                   (["greet", "x", "-n", "9"], None), (["nothing"], None), (["login"], "green\nred\nsecret\nsecret\n")):
    result = runner.invoke(cli, args, input=text)
    print(args, result.exit_code, result.output, sep="\n")
