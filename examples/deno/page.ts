/** A page to draw a digit on; what is drawn is posted as 784 bytes whenever the pen is lifted. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Draw a digit</title>
<style>
  body { font: 1rem system-ui; text-align: center; margin: 2rem }
  canvas { width: 280px; height: 280px; background: black; touch-action: none; cursor: crosshair }
</style>
<h1>Draw a digit</h1>
<canvas width="28" height="28"></canvas>
<p><output>Large, and in the middle of the square</output></p>
<button>Clear</button>
<script type="module">
  const canvas = document.querySelector("canvas");
  const output = document.querySelector("output");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  Object.assign(pen, { strokeStyle: "white", lineWidth: 2.5, lineCap: "round", lineJoin: "round" });
  canvas.onpointerdown = ({ pointerId, offsetX, offsetY }) => {
    canvas.setPointerCapture(pointerId);
    pen.beginPath();
    pen.moveTo(offsetX / 10, offsetY / 10);
  };
  canvas.onpointermove = ({ buttons, offsetX, offsetY }) => {
    if (buttons === 0) return;
    pen.lineTo(offsetX / 10, offsetY / 10);
    pen.stroke();
  };
  canvas.onpointerup = async () => {
    const { data } = pen.getImageData(0, 0, 28, 28); // white on nothing: the alpha of a pixel is its grey
    const body = Uint8Array.from({ length: 784 }, (_, i) => data[4 * i + 3]);
    const headers = { "content-type": "application/octet-stream" };
    const response = await fetch("/", { method: "POST", headers, body });
    const { digit, probabilities } = await response.json();
    output.textContent = "It is a " + digit + ", at " + Math.round(100 * probabilities[digit]) + " %";
  };
  document.querySelector("button").onclick = () => pen.clearRect(0, 0, 28, 28);
</script>
</html>
`;
