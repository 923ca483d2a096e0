/** A page to draw a digit on. It is posted when the pen is lifted: scaled to 20 x 20, its mass in the middle, as in MNIST. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>Draw a digit</title>
<style>
  body { font: 1rem system-ui; text-align: center; margin: 2rem }
  canvas { background: black; touch-action: none; cursor: crosshair }
</style>
<h1>Draw a digit</h1>
<canvas width="280" height="280"></canvas>
<p><output>0 to 9, with a mouse, a pen or a finger</output></p>
<button>Clear</button>
<script type="module">
  const canvas = document.querySelector("canvas");
  const output = document.querySelector("output");
  const options = { willReadFrequently: true };
  const pen = canvas.getContext("2d", options);
  Object.assign(pen, { strokeStyle: "white", lineWidth: 22, lineCap: "round", lineJoin: "round" });

  // White on nothing: the alpha of a pixel is its grey.
  const greys = (context, size) =>
    context.getImageData(0, 0, size, size).data.filter((_, i) => i % 4 === 3);

  function image() {
    let [left, top, right, bottom, mass, x, y] = [280, 280, 0, 0, 0, 0, 0];
    greys(pen, 280).forEach((grey, i) => {
      if (grey === 0) return;
      const [column, row] = [i % 280, Math.floor(i / 280)];
      [left, right] = [Math.min(left, column), Math.max(right, column)];
      [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
      [mass, x, y] = [mass + grey, x + grey * column, y + grey * row];
    });
    const scale = 20 / Math.max(right - left, bottom - top, 1);
    const small = new OffscreenCanvas(28, 28).getContext("2d", options);
    small.imageSmoothingQuality = "high";
    small.setTransform(scale, 0, 0, scale, 14 - (x / mass) * scale, 14 - (y / mass) * scale);
    if (mass > 0) small.drawImage(canvas, 0, 0);
    return greys(small, 28);
  }

  const draw = ({ offsetX, offsetY }) => {
    pen.lineTo(offsetX, offsetY);
    pen.stroke();
  };
  canvas.onpointerdown = (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    draw(event);
  };
  canvas.onpointermove = (event) => event.buttons && draw(event);
  canvas.onpointerup = async () => {
    const headers = { "content-type": "application/octet-stream" };
    const response = await fetch("/", { method: "POST", headers, body: image() });
    const { digit, probabilities } = await response.json();
    output.textContent = "It is a " + digit + ", at " + Math.round(100 * probabilities[digit]) + " %";
  };
  document.querySelector("button").onclick = () => {
    pen.clearRect(0, 0, 280, 280);
    output.textContent = "";
  };
</script>
</html>
`;
