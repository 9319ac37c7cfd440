"""Loads what Ballast saved into transformers (and PEFT, where installed): no warning, and the numbers of expected.json.

    mvn -pl ballast-engine -am test -Dtest=SavedCheckpointsTest -Dsurefire.failIfNoSpecifiedTests=false
    python reload.py ballast-engine/target/saved     # torch 2.13, transformers 5.18, peft 0.21, CPU

Prints a row for each architecture: largest difference in log-probability over the rows of expected.json, of the checkpoint
saved in fp32, of the one saved in bf16 (loaded into fp32), and of the LoRA adapter loaded by PEFT against the merged
checkpoint; and whether greedy continuations are those of expected.json. Exits with 1 on a warning or a difference over 1e-4.
"""
import json, logging, pathlib, sys, warnings, torch, transformers
from transformers import AutoModelForCausalLM
from make import HERE, continued, scores

try:
    from peft import PeftModel
except ImportError:
    PeftModel = None

messages = []


class Collect(logging.Handler):
    def emit(self, record):
        messages.append(record.getMessage())


transformers.logging.disable_progress_bar()
for name in ("transformers", "peft", ""):
    logger = logging.getLogger(name)
    logger.addHandler(Collect(level=logging.WARNING))
warnings.simplefilter("always")
warnings.showwarning = lambda message, *_: messages.append(str(message))


def load(folder):
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager",
                                                       experts_implementation="eager", output_loading_info=True)
    messages.extend(f"{kind}: {sorted(map(str, keys))}" for kind, keys in info.items() if keys)
    return model.eval()


def logp(model, case):
    with torch.no_grad():
        return scores(model, case["tokens"], case["trained"], case["temperature"])[0]


failed = False
saved = pathlib.Path(sys.argv[1])
print("| checkpoint | fp32 | greedy equal | bf16 | LoRA in PEFT | warnings |\n| --- | --- | --- | --- | --- | --- |")
for folder in sorted(HERE.iterdir()):
    if not (folder / "expected.json").exists():
        continue
    case, name = json.load(open(folder / "expected.json")), folder.name
    messages.clear()
    expected = torch.tensor(case["logp"])
    model = load(saved / name)
    whole = (logp(model, case) - expected).abs().max().item()
    greedy = ([continued(model, row, 12) for row in case["tokens"]] == case["greedy"]
              and continued(model, case["long"]["prompt"], 40) == case["long"]["greedy"])
    narrow = (logp(load(saved / (name + "-bf16")), case) - expected).abs().max().item()
    lora, moved = None, None
    if PeftModel and (saved / (name + "-lora") / "adapter_config.json").exists():
        adapted = logp(PeftModel.from_pretrained(load(saved / name), saved / (name + "-lora")).eval(), case)
        merged = logp(load(saved / (name + "-merged")), case)
        lora, moved = (adapted - merged).abs().max().item(), (adapted - expected).abs().max().item()
    print(f"| {name} | {whole:.1e} | {'yes' if greedy else 'NO'} | {narrow:.1e} | "
          f"{'-' if lora is None else f'{lora:.1e} (moved by {moved:.2f})'} | {'; '.join(messages) or 'none'} |", flush=True)
    failed |= whole > 1e-4 or not greedy or bool(messages) or (lora is not None and (lora > 1e-4 or moved < 1e-3))
sys.exit(failed)
