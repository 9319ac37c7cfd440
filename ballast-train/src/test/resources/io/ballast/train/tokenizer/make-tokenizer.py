"""Makes a small byte-level BPE tokenizer in Hugging Face's layout from the texts of JSON lines.

    python make-tokenizer.py FOLDER VOCABULARY FILE.jsonl...

needs the package tokenizers. The one beside this script: make-tokenizer.py . 384 with GSM8K's train.jsonl.
"""
import json
import sys
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

folder, size, files = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
texts = [value for name in files for line in open(name, encoding="utf-8") for value in json.loads(line).values() if isinstance(value, str)]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
    vocab_size=size, special_tokens=["<pad>", "<eos>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
folder.mkdir(parents=True, exist_ok=True)
tokenizer.save(str(folder / "tokenizer.json"))
config = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<eos>", "pad_token": "<pad>", "clean_up_tokenization_spaces": False,
          "model_max_length": 1000000}
(folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
