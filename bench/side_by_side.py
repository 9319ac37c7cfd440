"""Runs side-by-side.sh's rounds: rounds outside, shapes and types inside, so that running out of time costs rounds and not shapes."""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SIDES = ("ballast", "trl")
KEYS = (("sampleTokensPerSecond", "sampling, tokens/s"), ("stepTokensPerSecond", "whole step, tokens/s"), ("peakResidentMb", "peak resident, MB"))


def command(side, shape, dtype, a):
    if side == "ballast":
        length = ["--set", f"max-new={a.max_new}"] if a.max_new else []
        return [str(HERE.parent / "ballast"), "bench", "step", "--set", f"shape={shape}", "--set", f"dtype={dtype}", "--set", f"steps={a.steps}", *length, "--json"]
    length = ["--max-new", str(a.max_new)] if a.max_new else []
    return [sys.executable, str(HERE / "trl_step.py"), "--shape", shape, "--dtype", dtype, "--steps", str(a.steps), *length]


def run(side, shape, dtype, a):
    """One measured process, or what it said when it failed."""
    try:
        done = subprocess.run(command(side, shape, dtype, a), capture_output=True, text=True, timeout=a.limit)
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError) as e:
        said = done.stderr.strip().splitlines()[-1:] if "done" in locals() else []
        print(f"{side} {shape} {dtype}: {type(e).__name__} {' '.join(said)}", file=sys.stderr)
        return None


def machine():
    name = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    memory = int(next(l for l in open("/proc/meminfo") if l.startswith("MemTotal")).split()[1]) // 1024 ** 2
    return f"{name}, {os.cpu_count()} cores, {memory} GB, {platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f}"


def table(rows, host):
    lines = [host, "", "Median (least to most) over the rounds; the ratio is of the medians.", "",
             "| shape | Ballast | TRL | measure | Ballast | TRL | ratio | rounds |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    shapes = list(dict.fromkeys(r["shape"] for r in rows))
    for shape in shapes:
        for ours, theirs in (("fp32", "fp32"), ("bf16", "fp32"), ("bf16", "bf16")):
            sides = [[r["result"] for r in rows if (r["side"], r["shape"], r["dtype"]) == (s, shape, d)] for s, d in zip(SIDES, (ours, theirs))]
            if not all(sides):
                continue
            for key, name in KEYS:
                x, y = ([v[key] for v in side if v.get(key)] for side in sides)
                if x and y:
                    cells = [f"{statistics.median(v):,.0f} ({min(v):,.0f} to {max(v):,.0f})" for v in (x, y)]
                    lines.append(f"| {shape} | {ours} | {theirs} | {name} | {cells[0]} | {cells[1]} | "
                                 f"{statistics.median(x) / statistics.median(y):.2f} | {len(x)}, {len(y)} |")
    return "\n".join(lines) + "\n"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--shapes", default="3m,13m,135m")
    p.add_argument("--dtypes", default="fp32,bf16")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--minutes", type=float, default=25)
    p.add_argument("--steps", type=int, default=1, help="measured steps of a run, after one that warms up")
    p.add_argument("--limit", type=float, default=400, help="seconds after which a run counts as failed")
    p.add_argument("--max-new", type=int)
    p.add_argument("--out", default=str(HERE / "results"))
    p.add_argument("--again", action="store_true")
    a = p.parse_args()
    out = pathlib.Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    raw = out / "runs.jsonl"
    if a.again and raw.exists():
        raw.unlink()
    rows = [json.loads(line) for line in raw.read_text().splitlines()] if raw.exists() else []
    known = {(r["round"], r["side"], r["shape"], r["dtype"]) for r in rows}
    host, end = machine(), time.monotonic() + 60 * a.minutes
    subprocess.run([str(HERE.parent / "ballast"), "bench", "--help"], capture_output=True)  # builds what is stale before anything is measured
    for number in range(1, a.rounds + 1):
        for shape in a.shapes.split(","):
            for dtype in a.dtypes.split(","):
                for side in SIDES:
                    if (number, side, shape, dtype) in known:
                        continue
                    if time.monotonic() > end:
                        print("out of time; start again to go on", file=sys.stderr)
                        break
                    began = time.monotonic()
                    result = run(side, shape, dtype, a)
                    if result is None:
                        continue
                    row = {"round": number, "side": side, "shape": shape, "dtype": dtype, "result": result}
                    rows.append(row)
                    with raw.open("a") as f:
                        f.write(json.dumps(row) + "\n")
                    print(f"round {number} of {a.rounds}: {side} {shape} {dtype}, {result['stepTokensPerSecond']:,.0f} tokens/s, "
                          f"{time.monotonic() - began:.0f} s", file=sys.stderr)
        text = table(rows, host)
        (out / "side-by-side.md").write_text(text)
        (out / "side-by-side.json").write_text(json.dumps({"machine": host, "runs": rows}, indent=1))
    print(text)


if __name__ == "__main__":
    main()
