// Scrolling through more rows than a browser can make an element high.
//
// `top` is the position in a table of full height; the scrolled element is at most MAX_HEIGHT high, and
// its scroll bar moves `ratio` times as far.  Below the limit ratio is 1 and the browser scrolls as usual.

const MAX_HEIGHT = 8_000_000; // Firefox stops near 17.9 million pixels, Chromium near 33.5

class ScaledScroll {
  constructor(element, rowHeight) {
    Object.assign(this, { element, rowHeight, top: 0, end: 0, height: 0, ratio: 1, viewport: 0, own: null });
  }

  // Tells how many rows there are and how high the window is; answers the height of the element.
  measure(rows, viewport) {
    const full = rows * this.rowHeight;
    this.viewport = viewport;
    this.height = Math.min(full, MAX_HEIGHT);
    this.ratio = full > this.height ? (full - viewport) / (this.height - viewport) : 1;
    this.end = Math.max(0, full - viewport);
    this.top = Math.min(this.top, this.end);
    return this.height;
  }

  // After the browser scrolled: takes the new position, unless the scroll was ours, whose exact
  // position we know better than the rounded one of the scroll bar.
  follow() {
    const at = this.element.scrollTop;
    if (this.own !== null && Math.abs(at - this.own) < 1) return;
    this.own = null;
    this.top = Math.min(this.end, at * this.ratio);
  }

  moveTo(top) {
    this.top = Math.max(0, Math.min(this.end, top));
    this.element.scrollTop = this.top / this.ratio;
    this.own = this.element.scrollTop;
  }

  // Moves as little as needed to have the row in the window.
  reveal(row) {
    const upper = row * this.rowHeight;
    if (upper < this.top) this.moveTo(upper);
    else if (upper + this.rowHeight > this.top + this.viewport) this.moveTo(upper + this.rowHeight - this.viewport);
  }

  firstRow() {
    return Math.floor(this.top / this.rowHeight);
  }

  // Where a row is drawn, in pixels below the upper edge of the element.
  offset(row) {
    if (this.ratio === 1) return row * this.rowHeight;
    return row * this.rowHeight - this.top + this.element.scrollTop;
  }

  get scaled() {
    return this.ratio !== 1;
  }
}
