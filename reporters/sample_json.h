#ifndef ASSAY_REPORTERS_SAMPLE_JSON_H
#define ASSAY_REPORTERS_SAMPLE_JSON_H

/* A sample as one JSON map: the same in the reports json and jsonl. Nothing that the record holds is left out, so that an import can rebuild it:
 *
 *   {"kind":"sample","ordinal":0,"case":"late","digest":"<64 hex>","tags":["hard"],"cluster":"c1","trial":1,"attempt":0,"span":"<uuid>",
 *    "started":"<RFC 3339>","ended":"...","state":"scored","pass":true,"score":1,"input":...,"expected":...,"output":"...","meta":{...},
 *    "measures":{"latency_ms":12.5,"attempts":1},"scores":{"queue":{"outcome":"pass","value":1,"unit":1,"comment":"pass: ..."}}}
 *
 * Left out when there is none: cluster, error, error_text, expected, output, meta, the single measures, and of a score unit, comment, answered and wanted.
 * pass and score are null when there is none. `output` is a text, or {"base64": "..."} when it is not valid UTF-8; with "output_is_json": true it is
 * the JSON itself. */

struct json_writer;
struct run_record;
struct sample_record;

void sample_to_json(struct json_writer *w, const struct run_record *run, const struct sample_record *s);

#endif
