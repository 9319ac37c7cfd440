"""Variants of config.json, checked from the command line: tiny random checkpoints by transformers, scored and continued by Ballast.

    python variants.py ./ballast [CASE...]     # torch 2.13, transformers 5.18, CPU; two starts of Ballast a case

Prints for each case the largest difference in log-probability and entropy over four rows, and whether greedy continuations of 12 tokens
are equal; or the message where Ballast refuses. Exits with 1 where something differs by more than 1e-4. The options of a case: shard (size
of the files), dtype (of the files), old (config.json as transformers 4 wrote it, rope_theta and rope_scaling; "type" with the oldest key).
"""
import json, pathlib, subprocess, sys, tempfile, torch
from transformers import (AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config, MistralConfig, Gemma2Config,
                          Qwen3MoeConfig)
from make import SMALL, continued

L3 = {"rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32}
M = dict(head_dim=16, moe_intermediate_size=24, num_experts=6, num_experts_per_tok=2)
CASES = {
    "llama-untied": (LlamaConfig, dict(tie_word_embeddings=False), {}),
    "llama-tied": (LlamaConfig, dict(tie_word_embeddings=True), {}),
    "llama-bias": (LlamaConfig, dict(attention_bias=True), {}),
    "llama-mlpbias": (LlamaConfig, dict(mlp_bias=True), {}),
    "llama-headdim": (LlamaConfig, dict(head_dim=12), {}),
    "llama-oddvocab": (LlamaConfig, dict(vocab_size=1003), {}),
    "llama-oddhidden": (LlamaConfig, dict(hidden_size=20, intermediate_size=37, head_dim=10), {}),
    "llama-1layer": (LlamaConfig, dict(num_hidden_layers=1), {}),
    "llama-mha": (LlamaConfig, dict(num_key_value_heads=4), {}),
    "llama-mqa": (LlamaConfig, dict(num_key_value_heads=1), {}),
    "llama-3heads": (LlamaConfig, dict(hidden_size=36, num_attention_heads=6, num_key_value_heads=3), {}),
    "llama3-rope": (LlamaConfig, dict(rope_parameters=L3), {}),
    "llama-linear": (LlamaConfig, dict(rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}), {}),
    "llama-sharded": (LlamaConfig, dict(), {"shard": "20KB"}),
    "llama-bf16": (LlamaConfig, dict(), {"dtype": torch.bfloat16}),
    "llama-fp16": (LlamaConfig, dict(), {"dtype": torch.float16}),
    "llama-fp16-sharded": (LlamaConfig, dict(), {"dtype": torch.float16, "shard": "10KB"}),
    "llama-theta": (LlamaConfig, dict(rope_parameters={"rope_type": "default", "rope_theta": 500000.0}), {}),
    "llama-eps": (LlamaConfig, dict(rms_norm_eps=1e-5), {}),
    "llama-old": (LlamaConfig, dict(rope_parameters={"rope_type": "default", "rope_theta": 77777.0}), {"old": 1}),
    "llama3-old": (LlamaConfig, dict(rope_parameters=L3), {"old": 1}),
    "llama3-oldtype": (LlamaConfig, dict(rope_parameters=L3), {"old": "type"}),
    "qwen2": (Qwen2Config, dict(tie_word_embeddings=True), {}),
    "qwen2-untied": (Qwen2Config, dict(), {}),
    "qwen2-swa": (Qwen2Config, dict(num_hidden_layers=4, use_sliding_window=True, sliding_window=6, max_window_layers=2), {}),
    "qwen2-swa-all": (Qwen2Config, dict(num_hidden_layers=3, use_sliding_window=True, sliding_window=6, max_window_layers=0), {}),
    "qwen2-layertypes": (Qwen2Config, dict(num_hidden_layers=3, use_sliding_window=True, sliding_window=6,
        layer_types=["sliding_attention", "full_attention", "sliding_attention"]), {}),
    "qwen2-noswa": (Qwen2Config, dict(use_sliding_window=False, sliding_window=6), {}),
    "qwen2-old": (Qwen2Config, dict(num_hidden_layers=4, use_sliding_window=True, sliding_window=6, max_window_layers=2), {"old": 1}),
    "qwen3": (Qwen3Config, dict(head_dim=16, tie_word_embeddings=True), {}),
    "qwen3-bias": (Qwen3Config, dict(head_dim=16, attention_bias=True), {}),
    "qwen3-hd8": (Qwen3Config, dict(head_dim=8), {}),
    "qwen3-defaulthd": (Qwen3Config, dict(), {}),
    "qwen3-swa": (Qwen3Config, dict(num_hidden_layers=4, head_dim=16, use_sliding_window=True, sliding_window=6, max_window_layers=2), {}),
    "mistral": (MistralConfig, dict(sliding_window=8), {}),
    "mistral-null": (MistralConfig, dict(sliding_window=None), {}),
    "mistral-hd": (MistralConfig, dict(sliding_window=8, head_dim=16), {}),
    "mistral-default": (MistralConfig, dict(), {}),
    "mistral-tied": (MistralConfig, dict(tie_word_embeddings=True), {}),
    "gemma2": (Gemma2Config, dict(head_dim=16, query_pre_attn_scalar=24, sliding_window=8), {}),
    "gemma2-nocap": (Gemma2Config, dict(head_dim=16, query_pre_attn_scalar=24, sliding_window=8, attn_logit_softcapping=None,
        final_logit_softcapping=None), {}),
    "gemma2-pad": (Gemma2Config, dict(head_dim=16, pad_token_id=0, num_hidden_layers=3), {}),
    "gemma2-bias": (Gemma2Config, dict(head_dim=16, attention_bias=True), {}),
    "gemma2-mqa": (Gemma2Config, dict(head_dim=20, num_key_value_heads=1), {}),
    "gemma2-bf16": (Gemma2Config, dict(head_dim=16), {"dtype": torch.bfloat16}),
    "gemma2-untied": (Gemma2Config, dict(head_dim=16, tie_word_embeddings=False), {}),
    "gemma2-layertypes": (Gemma2Config, dict(num_hidden_layers=3, head_dim=16, sliding_window=5, layer_types=["full_attention",
        "sliding_attention", "full_attention"]), {}),
    "smollm2": (LlamaConfig, dict(hidden_size=36, num_attention_heads=9, num_key_value_heads=3, tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": 100000.0}), {}),
    "moe-norm": (Qwen3MoeConfig, dict(**M, norm_topk_prob=True), {}),
    "moe-raw": (Qwen3MoeConfig, dict(**M, norm_topk_prob=False), {}),
    "moe-top1": (Qwen3MoeConfig, dict(**(M|{"num_experts_per_tok": 1}), norm_topk_prob=True), {}),
    "moe-all": (Qwen3MoeConfig, dict(**(M|{"num_experts_per_tok": 6}), norm_topk_prob=True), {}),
    "moe-mlponly": (Qwen3MoeConfig, dict(**M, num_hidden_layers=3, mlp_only_layers=[1]), {}),
    "moe-sparse2": (Qwen3MoeConfig, dict(**M, num_hidden_layers=4, decoder_sparse_step=2), {}),
    "moe-bias": (Qwen3MoeConfig, dict(**M, attention_bias=True), {}),
    "moe-tied": (Qwen3MoeConfig, dict(**M, tie_word_embeddings=True), {}),
    "moe-swa": (Qwen3MoeConfig, dict(**M, use_sliding_window=True, sliding_window=6), {}),
    "moe-swa2": (Qwen3MoeConfig, dict(**M, num_hidden_layers=4, use_sliding_window=True, sliding_window=6, max_window_layers=2), {}),
    "moe-oddwidth": (Qwen3MoeConfig, dict(**(M|{"moe_intermediate_size": 21, "num_experts": 5})), {}),
    "moe-sharded": (Qwen3MoeConfig, dict(**M), {"shard": "20KB", "dtype": torch.bfloat16}),
    "moe-oldkey": (Qwen3MoeConfig, dict(**M), {"old": 1}),
}


def old_layout(folder, how):
    config = json.load(open(folder / "config.json"))
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta", 10000.0)
    if how == "type":
        rope["type"] = rope.pop("rope_type")
    config["rope_scaling"] = None if rope.get("rope_type") == "default" else rope
    config["torch_dtype"] = config.pop("dtype")
    config.pop("layer_types", None)
    json.dump(config, open(folder / "config.json", "w"))


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager", experts_implementation="eager", dtype=torch.float32).eval()


def made(folder, kind, settings, options):
    torch.manual_seed(7)
    config = kind(**SMALL | dict(max_position_embeddings=128) | settings)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * (0.3 if parameter.dim() == 1 else 0.15))
    model.to(options.get("dtype", torch.float32)).save_pretrained(folder, max_shard_size=options.get("shard", "5GB"))
    model = load(folder)
    if "old" in options:
        old_layout(folder, options["old"])
    return model


def ballast(*arguments, rows):
    done = subprocess.run([sys.argv[1], *arguments, "--tokens", "-"], input=json.dumps({"tokens": rows}), capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else f"status {done.returncode}: {done.stderr.strip()[-300:]}"


def compare(folder, model):
    generator = torch.Generator().manual_seed(3)
    rows = [torch.randint(0, model.config.vocab_size, (n,), generator=generator).tolist() for n in (21, 2, 45, 1)]
    scores = ballast("score", "--model", str(folder), rows=rows)
    if isinstance(scores, str):
        return scores, True
    apart = {"logp": 0.0, "entropy": 0.0}
    for i, row in enumerate(rows[:3]):
        ls = torch.log_softmax(model(torch.tensor([row])).logits[0], -1)[:-1]
        expected = {"logp": ls.gather(1, torch.tensor(row[1:])[:, None])[:, 0], "entropy": -(ls.exp() * ls).sum(-1)}
        for key in apart:
            apart[key] = max(apart[key], (torch.tensor(scores[key][i]) - expected[key]).abs().max().item())
    answers = ballast("generate", "--model", str(folder), "--greedy", "--max-new", "12", "--json", rows=rows)
    if isinstance(answers, str):
        return answers, False
    stop = model.config.eos_token_id
    equal = all(mine == theirs[:theirs.index(stop) + 1] if stop in theirs else mine == theirs
                for mine, theirs in zip(answers["tokens"], (continued(model, row, 12) for row in rows)))
    return f"logp {apart['logp']:.1e} entropy {apart['entropy']:.1e} greedy equal {equal}", equal and max(apart.values()) < 1e-4


if __name__ == "__main__":
    good = True
    for name in sys.argv[2:] or CASES:
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            text, same = compare(pathlib.Path(folder), made(pathlib.Path(folder), *CASES[name]))
        good &= same
        print(f"{name:22}{text}", flush=True)
    sys.exit(0 if good else 1)
