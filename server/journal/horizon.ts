import { open, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { withPath } from './files'

/**
 * The frame up to which a run may be shown: noted on disk before a frame beyond it is. A run that comes back goes on at
 * least from there, so that its time never goes back for those who saw it.
 */
export interface Horizon {
  /** Resolves when the frame is noted. */
  note(sequence: number): Promise<void>
  close(): Promise<void>
}

/** Two slots of this many bytes are written in turn: if one is torn, the other is good. */
const slotBytes = 32

export async function openHorizon(path: string): Promise<{ horizon: Horizon; sequence: number }> {
  const handle = await open(path, 'a+').then(async appending => {
    await appending.close()
    return open(path, 'r+')
  })
  try {
    const slots = await Promise.all([0, 1].map(slot => readSlot(handle, slot)))
    const sequence = Math.max(...slots)
    return { horizon: horizonOn(handle, slots.indexOf(sequence)), sequence }
  } catch (cause) {
    await handle.close()
    throw withPath(cause, path)
  }
}

function horizonOn(handle: FileHandle, newest: number): Horizon {
  let slot = newest
  let last: Promise<unknown> = Promise.resolve()
  return {
    note: sequence => {
      const noted = last.then(() => write(sequence))
      last = noted.catch(() => null)
      return noted
    },
    close: async () => {
      await last
      await handle.close()
    },
  }

  async function write(sequence: number): Promise<void> {
    slot = 1 - slot
    await handle.write(encode(sequence), 0, slotBytes, slot * slotBytes)
    await handle.datasync()
  }
}

function encode(sequence: number): Buffer {
  const text = String(sequence).padStart(slotBytes - 10)
  return Buffer.from(`${text} ${crc32(text).toString(16).padStart(8, '0')}\n`)
}

/** 0 where there is none that is good. */
async function readSlot(handle: FileHandle, slot: number): Promise<number> {
  const bytes = Buffer.alloc(slotBytes)
  await handle.read(bytes, 0, slotBytes, slot * slotBytes)
  const sequence = Number(bytes.toString('latin1', 0, slotBytes - 10))
  return Number.isSafeInteger(sequence) && sequence > 0 && encode(sequence).equals(bytes) ? sequence : 0
}
