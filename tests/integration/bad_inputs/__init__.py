"""Bad inputs: what people, modified clients and spreadsheets bring that makes no sense, and what is promised then.

The promises (`promises.Promise`), each kept by at least one case, as `test_bad_inputs_counted` proves:

* a command without words, with too many, or with numbers that are none: what is wrong, an example, the limit;
* names that cannot be names, or that nobody uses: refused or folded, the nearest offered, cells never split;
* more asked than there is: what there is, offered, nothing taken;
* people, proxies, resources and times of day that do not exist: said so, nothing changed;
* commands of a higher role, of strangers, of other bots, in groups, in captions, forwarded, edited, late, from
  channels, anonymous admins and bots: refused in a line, or not answered at all; nothing secret in a group;
* photographs, voices, albums: "I cannot read that here", once;
* a hundred commands at once: one notice, then silence, others unharmed;
* buttons that are foreign, lapsed, forged, of another version, pressed in another chat, twice, after a restart,
  after the right or the message is gone, or too late to be answered: an alert or the same answer, no effect;
* sheets that are empty, with headers missing, double, moved or oddly written: they work, or what is missing is named;
* cells that are no proxy: skipped, listed by row and reason, never quoted, and the rows around them work;
* one proxy in two rows is one; an expiry that cannot be read is unknown, and offered last;
* what people wrote beside our entries stays as it was, to the byte.

`cases` says what a case is, the modules `typed_…`, `sent_…`, `pressed_…` and `written_…` are tables of them, the
tests run each against a whole desk: the bot's own wiring between the sandbox's Telegram and Sheets, on sockets.
"""
