import { Deserializer, Serializer } from 'node:v8'
import type { Simulation } from '../../simulation/index'

declare module 'node:v8' {
  interface Serializer {
    _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void
  }
}

/** The state of a run as bytes: the structured clone of V8, columns without their pages of zeros. */
export function packState(state: unknown): ArrayBuffer {
  const packer = new Packer()
  packer.writeHeader()
  packer.writeValue(state)
  const bytes = packer.releaseBuffer()
  // memory of its own, which can move to another thread
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
}

/** The same state; every column has memory of its own. */
export function unpackState(bytes: ArrayBuffer): unknown {
  const unpacker = new Unpacker(new Uint8Array(bytes))
  unpacker.readHeader()
  return unpacker.readValue()
}

/** A shard without the telemetry that all shards share. */
export function withoutTelemetry(simulation: Simulation): object {
  return { ...simulation, fleet: { ...simulation.fleet, telemetry: null } }
}

/** The same state with its columns in memory that threads share: copied once, however many read it. */
export function shareState<State>(state: State): State {
  return shared(state) as State
}

function shared(part: unknown): unknown {
  if (ArrayBuffer.isView(part)) {
    const kind = kinds.find(kind => part instanceof kind)
    if (!kind) throw new TypeError(`a state cannot hold ${String(part)}`)
    const memory = new SharedArrayBuffer(part.byteLength)
    new Uint8Array(memory).set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
    return Reflect.construct(kind, [memory])
  }
  if (Array.isArray(part)) return part.map(shared)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, shared(value)]))
}

const kinds = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const
const page = 4096
const zeros = Buffer.alloc(page)

class Packer extends Serializer {
  constructor() {
    super()
    this._setTreatArrayBufferViewsAsHostObjects(true)
  }

  _writeHostObject(column: unknown): void {
    const kind = kinds.findIndex(kind => column instanceof kind)
    if (kind < 0 || !ArrayBuffer.isView(column)) throw new TypeError(`a state cannot hold ${String(column)}`)
    const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
    this.writeUint32(kind)
    this.writeUint32(bytes.length)
    for (let at = 0; at < bytes.length;) {
      const from = at
      while (at < bytes.length && isZero(bytes, at)) at = Math.min(bytes.length, at + page)
      const full = at
      while (at < bytes.length && !isZero(bytes, at)) at = Math.min(bytes.length, at + page)
      this.writeUint32(full - from)
      this.writeUint32(at - full)
      this.writeRawBytes(bytes.subarray(full, at))
    }
  }
}

class Unpacker extends Deserializer {
  _readHostObject(): unknown {
    const kind = kinds[this.readUint32()]
    if (!kind) throw new TypeError('a column of no kind')
    const bytes = new Uint8Array(this.readUint32())
    for (let at = 0; at < bytes.length;) {
      at += this.readUint32()
      const full = this.readUint32()
      bytes.set(this.readRawBytes(full), at)
      at += full
    }
    return new kind(bytes.buffer)
  }
}

function isZero(bytes: Buffer, at: number): boolean {
  const end = Math.min(bytes.length, at + page)
  return bytes.compare(zeros, 0, end - at, at, end) === 0
}
