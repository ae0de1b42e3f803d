/** An address block. Addresses of the other family are never inside. */
export interface IpNetwork {
  readonly family: 4 | 6;
  /** The block's first address. */
  readonly address: bigint;
  readonly prefix: number;
  /** Normal spelling, `address/prefix`. */
  readonly text: string;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32` or a lone address; undefined when the text is neither. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [, host = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const parsed = parseAddress(host);
  if (parsed === undefined) return undefined;
  const bits = parsed.family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return undefined;
  return { ...parsed, prefix, text: `${host}/${prefix}` };
}

/** Whether the text is an address inside the network. */
export function isInNetwork(text: string, network: IpNetwork): boolean {
  const parsed = parseAddress(text);
  if (parsed?.family !== network.family) return false;
  const shift = BigInt((network.family === 4 ? 32 : 128) - network.prefix);
  return parsed.address >> shift === network.address >> shift;
}

function parseAddress(text: string): { family: 4 | 6; address: bigint } | undefined {
  if (!text.includes(':')) {
    const address = parseV4(text);
    return address === undefined ? undefined : { family: 4, address };
  }
  const address = parseV6(text);
  return address === undefined ? undefined : { family: 6, address };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let address = 0n;
  for (const part of parts) {
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    address = (address << 8n) | BigInt(part);
  }
  return address;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groups(halves[0] ?? '');
  const tail = halves.length === 2 ? groups(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let address = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => 0n), ...tail]) {
    address = (address << 16n) | group;
  }
  return address;
}

/** The 16-bit groups of one side of `::`; the last may be a dotted IPv4 address. */
function groups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const result: bigint[] = [];
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const embedded = parseV4(part);
      if (embedded === undefined) return undefined;
      result.push(embedded >> 16n, embedded & 0xffffn);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) result.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return result;
}
