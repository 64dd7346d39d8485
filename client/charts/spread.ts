export interface Span {
  /** Wanted centre. */
  at: number
  size: number
}

/**
 * Centres as near to the wanted ones as they can be without overlap, in the same order, within `from` to `to`.
 * Neighbours that would touch form a block that sits at its mean offset (pool adjacent violators).
 */
export function spread(spans: Span[], from: number, to: number, gap = 0): number[] {
  const order = spans.map((_, index) => index).sort((a, b) => (spans[a]?.at ?? 0) - (spans[b]?.at ?? 0) || a - b)
  const blocks: { start: number; size: number; count: number; members: number[] }[] = []
  for (const index of order) {
    const { at, size } = spans[index] ?? { at: 0, size: 0 }
    let block = { start: at - size / 2, size, count: 1, members: [index] }
    let before = blocks.at(-1)
    while (before && before.start + before.size + gap > block.start) {
      block = merge(before, block, gap)
      blocks.pop()
      before = blocks.at(-1)
    }
    blocks.push(block)
  }
  keepInside(blocks, from, to, gap)
  const centres = new Array<number>(spans.length).fill(0)
  for (const block of blocks) {
    let edge = block.start
    for (const index of block.members) {
      const size = spans[index]?.size ?? 0
      centres[index] = edge + size / 2
      edge += size + gap
    }
  }
  return centres
}

type Block = { start: number; size: number; count: number; members: number[] }

function merge(above: Block, below: Block, gap: number): Block {
  // where each would start if the other were not there, weighted by members
  const wanted = below.start - above.size - gap
  const count = above.count + below.count
  return {
    start: (above.start * above.count + wanted * below.count) / count,
    size: above.size + gap + below.size,
    count,
    members: [...above.members, ...below.members],
  }
}

function keepInside(blocks: Block[], from: number, to: number, gap: number) {
  let edge = to
  for (const block of [...blocks].reverse()) {
    block.start = Math.min(block.start, edge - block.size)
    edge = block.start - gap
  }
  edge = from
  for (const block of blocks) {
    block.start = Math.max(block.start, edge)
    edge = block.start + block.size + gap
  }
}
