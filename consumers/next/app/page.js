"use client";

import { useEffect, useState } from "react";
import { train } from "./train.js";

/** The server imports this module too and renders the page; only the browser trains. */
export default function Page() {
  const [report, setReport] = useState("");
  useEffect(() => {
    train().then((trained) => setReport(JSON.stringify(trained)));
  }, []);
  return <output>{report}</output>;
}
