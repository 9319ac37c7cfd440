/** Text into token ids and back. Read {@link io.ballast.text.Tokenizer} first. */
@NullMarked
package io.ballast.text;

import org.jspecify.annotations.NullMarked;
