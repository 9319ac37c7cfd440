"""The GRPO step of `ballast bench step` through TRL: same shape, prompts, group and lengths; prints one JSON object.

Random Qwen2 model (tied head), random prompts, sampling at temperature 1 to the full length, random rewards, one optimizer update of
AdamW per step, no reference model (beta 0), fp32 or bf16. Weights are random on both sides: the numbers of a step depend on shapes alone.
Needs: torch, trl, transformers, datasets (see side-by-side.sh).
"""
import argparse
import json
import random
import statistics
import time

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM, TrainerCallback, set_seed
from trl import GRPOConfig, GRPOTrainer

SHAPES = {  # vocabulary, hidden, intermediate, layers, heads, kv heads, prompts, group, max new
    "3m": (97, 256, 704, 4, 4, 2, 8, 8, 64),
    "13m": (2048, 384, 1024, 8, 6, 2, 8, 8, 128),
    "135m": (49152, 576, 1536, 30, 9, 3, 2, 8, 64),
}




def tokenizer(vocabulary):
    words = {f"w{i}": i for i in range(vocabulary)}
    core = Tokenizer(models.WordLevel(words, unk_token="w0"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=core, unk_token="w0", pad_token="w0", eos_token="w1", padding_side="left")


class Clock(TrainerCallback):
    def __init__(self):
        self.starts, self.ends = [], []

    def on_step_begin(self, *_, **__):
        self.starts.append(time.perf_counter())

    def on_step_end(self, *_, **__):
        self.ends.append(time.perf_counter())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--shape", default="3m", choices=SHAPES)
    p.add_argument("--steps", type=int, default=3)
    p.add_argument("--max-new", type=int)
    p.add_argument("--prompt-length", type=int, default=8)
    p.add_argument("--dtype", default="fp32", choices=["fp32", "bf16"])
    p.add_argument("--output", default="/tmp/trl-bench")
    a = p.parse_args()
    set_seed(7)
    vocabulary, hidden, inter, layers, heads, kv, prompts, group, max_new = SHAPES[a.shape]
    max_new = a.max_new or max_new
    config = Qwen2Config(vocab_size=vocabulary, hidden_size=hidden, intermediate_size=inter, num_hidden_layers=layers,
                         num_attention_heads=heads, num_key_value_heads=kv, tie_word_embeddings=True, max_position_embeddings=2048,
                         bos_token_id=0, eos_token_id=1, pad_token_id=0)
    model = Qwen2ForCausalLM(config)
    model.generation_config.eos_token_id = None
    rng = random.Random(7)
    rows = [{"prompt": " ".join(f"w{rng.randrange(2, vocabulary)}" for _ in range(a.prompt_length))} for _ in range(prompts * (a.steps + 1))]

    def reward(completions, **_):
        return [rng.random() for _ in completions]

    batch = prompts * group
    args = GRPOConfig(output_dir=a.output, per_device_train_batch_size=batch, gradient_accumulation_steps=1, num_generations=group,
                      max_completion_length=max_new, max_steps=a.steps + 1, beta=0.0, temperature=1.0, learning_rate=1e-5,
                      bf16=a.dtype == "bf16", use_cpu=True, report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True,
                      gradient_checkpointing=False, generation_kwargs={"min_new_tokens": max_new})
    clock = Clock()
    trainer = GRPOTrainer(model=model, reward_funcs=reward, args=args, train_dataset=Dataset.from_list(rows),
                          processing_class=tokenizer(vocabulary), callbacks=[clock])
    times = []
    inner = trainer.model.generate

    def timed(*x, **kw):
        start = time.perf_counter()
        out = inner(*x, **kw)
        times.append(time.perf_counter() - start)
        return out

    trainer.model.generate = timed
    trainer.train()
    # Sampling happens inside a step; the first step warms up.
    steps = [e - s for s, e in zip(clock.starts, clock.ends)][1:]
    # Where TRL prepares inputs before the step begins, the time from end to end is the step's.
    whole = [b - a_ for a_, b in zip(clock.ends, clock.ends[1:])]
    step = statistics.median(max(x, y) for x, y in zip(steps, whole))
    sample = statistics.median(times[1:]) if len(times) > 1 else None
    tokens = batch * max_new
    resident = next(int(l.split()[1]) * 1024 / 1e6 for l in open("/proc/self/status") if l.startswith("VmHWM"))
    print(json.dumps({"params": sum(p.numel() for p in model.parameters()), "tokens": tokens, "stepSeconds": step, "sampleSeconds": sample,
                      "sampleTokensPerSecond": tokens / sample if sample else None, "stepTokensPerSecond": tokens / step,
                      "peakResidentMb": resident, "threads": torch.get_num_threads()}))


if __name__ == "__main__":
    main()
