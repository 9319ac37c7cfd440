/**
 * The subset of Jinja that chat templates are written in, with the settings and the sandbox of transformers. Read
 * {@link io.ballast.text.jinja.Template} first; anything outside the subset fails, naming the construct and its line.
 */
@NullMarked
package io.ballast.text.jinja;

import org.jspecify.annotations.NullMarked;
