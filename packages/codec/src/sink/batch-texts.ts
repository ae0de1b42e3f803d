import { type SpanBatch, StringTable } from '@spanloom/model';
import { NormalisedTexts } from '../normalise/normalised-texts.ts';
import {
  envRule,
  nameRule,
  peerServiceRule,
  resourceRule,
  serviceRule,
  typeRule,
} from '../normalise/span-text.ts';
import { KeyTable } from './key-table.ts';
import { SpanIdIndex } from './span-id-index.ts';

/** What decoders remember about a batch from payload to payload: its keys, and what each text becomes. */
export class BatchTexts {
  readonly keys: KeyTable;
  readonly name: NormalisedTexts;
  readonly resource: NormalisedTexts;
  readonly type: NormalisedTexts;
  readonly env: NormalisedTexts;
  readonly peerService: NormalisedTexts = new NormalisedTexts(new StringTable(), peerServiceRule);
  readonly ids: SpanIdIndex;
  /** Numbers the spans decoded into the batch, kept ones and others. */
  stamp = 0;
  /** Number in the resource table of the text of a number in the name table. */
  readonly resourceOfName: Map<number, number> = new Map();
  readonly #service = new Map<string, NormalisedTexts>();
  readonly #batch: SpanBatch;

  constructor(batch: SpanBatch) {
    this.#batch = batch;
    this.keys = new KeyTable(batch);
    this.name = new NormalisedTexts(batch.name.table, nameRule);
    this.resource = new NormalisedTexts(batch.resource.table, resourceRule);
    this.type = new NormalisedTexts(batch.type.table, typeRule);
    this.env = new NormalisedTexts(batch.env.table, envRule);
    this.ids = new SpanIdIndex(batch);
  }

  /** Services, where `fallback` stands for a name that cannot be used. */
  service(fallback: string): NormalisedTexts {
    let texts = this.#service.get(fallback);
    if (texts === undefined) {
      texts = new NormalisedTexts(this.#batch.service.table, serviceRule(fallback));
      this.#service.set(fallback, texts);
    }
    return texts;
  }

  /** How often bad UTF-8 has been mended so far. */
  get replaced(): number {
    let sum = this.keys.texts.replaced + this.#batch.meta.values.replaced;
    for (const texts of this.#service.values()) sum += texts.replaced;
    for (const texts of [this.name, this.resource, this.type, this.env, this.peerService])
      sum += texts.replaced;
    for (const column of [this.#batch.version, this.#batch.functionName, this.#batch.httpMethod]) {
      sum += column.table.replaced;
    }
    return sum;
  }

  /** The memory of `batch`, made when first asked for. */
  static of(batch: SpanBatch): BatchTexts {
    let texts = known.get(batch);
    if (texts === undefined) {
      texts = new BatchTexts(batch);
      known.set(batch, texts);
    }
    return texts;
  }
}

const known = new WeakMap<SpanBatch, BatchTexts>();
