//go:build ignore

// This program draws the digits that the reader of shapes compares with, and writes them to shapes.gz:
//
//	go run shapes_generate.go
//
// It needs the fonts of these packages of Debian: fonts-arphic-uming, fonts-arphic-ukai, fonts-wqy-microhei,
// fonts-wqy-zenhei, fonts-liberation, fonts-crosextra-carlito, fonts-dejavu-core, fonts-dejavu-extra,
// fonts-noto-mono, fonts-urw-base35. All are free; what is kept of them is the look of ten digits each, 20 by 24 points
// large. Among them are those that stand for the fonts of Chinese offices, which are not free: Liberation for Times New
// Roman and Arial, Carlito for Calibri, UMing for the Song and UKai for the Kai style, the WenQuanYi fonts for the Hei style.
package main

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"image"
	"image/draw"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"nianbao/ingest/document/scan"
)

var fonts = []string{
	"arphic/uming.ttc", "arphic/ukai.ttc", "wqy/wqy-microhei.ttc", "wqy/wqy-zenhei.ttc",
	"liberation/LiberationSerif-Regular.ttf", "liberation/LiberationSerif-Bold.ttf",
	"liberation/LiberationSans-Regular.ttf", "liberation/LiberationSans-Bold.ttf",
	"liberation/LiberationSansNarrow-Regular.ttf", "liberation/LiberationSansNarrow-Bold.ttf",
	"liberation/LiberationMono-Regular.ttf", "liberation/LiberationMono-Bold.ttf",
	"crosextra/Carlito-Regular.ttf", "crosextra/Carlito-Bold.ttf",
	"dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf", "dejavu/DejaVuSansCondensed.ttf",
	"dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf", "dejavu/DejaVuSansMono.ttf",
	"noto/NotoSansMono-Regular.ttf", "noto/NotoSansMono-Bold.ttf",
	"../opentype/urw-base35/C059-Roman.otf", "../opentype/urw-base35/C059-Bold.otf",
	"../opentype/urw-base35/P052-Roman.otf", "../opentype/urw-base35/P052-Bold.otf",
	"../opentype/urw-base35/URWBookman-Light.otf", "../opentype/urw-base35/NimbusSans-Regular.otf",
	"../opentype/urw-base35/NimbusSansNarrow-Regular.otf", "../opentype/urw-base35/NimbusRoman-Regular.otf",
	"../opentype/urw-base35/NimbusRoman-Bold.otf",
}

func main() {
	log.SetFlags(0)
	out, err := os.Create("shapes.gz")
	if err != nil {
		log.Fatal(err)
	}
	w, _ := gzip.NewWriterLevel(out, gzip.BestCompression)
	n := 0
	for _, name := range fonts {
		b, err := os.ReadFile(filepath.Join("/usr/share/fonts/truetype", name))
		if err != nil {
			log.Fatal(err)
		}
		f, err := opentype.Parse(aligned(b))
		if err != nil {
			log.Fatal(name, ": ", err)
		}
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 120, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			log.Fatal(name, ": ", err)
		}
		for _, sign := range scan.Signs {
			if i, err := f.GlyphIndex(nil, sign); i == 0 || err != nil {
				log.Fatalf("%s: no %c", name, sign)
			}
			picture := image.NewGray(image.Rect(0, 0, 300, 300))
			draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
			d := font.Drawer{Dst: picture, Src: image.Black, Face: face, Dot: fixed.P(100, 180)}
			d.DrawString(string(sign))
			shape := scan.ShapeOf(picture)
			record := append([]byte{byte(sign)}, shape...)
			if err := binary.Write(w, binary.LittleEndian, record); err != nil {
				log.Fatal(err)
			}
			n++
		}
	}
	if err := w.Close(); err != nil {
		log.Fatal(err)
	}
	if err := out.Close(); err != nil {
		log.Fatal(err)
	}
	info, _ := os.Stat("shapes.gz")
	fmt.Println(n, "signs,", info.Size(), "bytes")
}

// aligned is the first font of a file as a file of its own, with its tables at multiples of four bytes. The tables of old
// Chinese fonts stand anywhere, which package sfnt does not take.
func aligned(b []byte) []byte {
	at := uint32(0)
	if string(b[:4]) == "ttcf" {
		at = binary.BigEndian.Uint32(b[12:])
	}
	n := int(binary.BigEndian.Uint16(b[at+4:]))
	out := append([]byte{}, b[at:int(at)+12+16*n]...)
	for i := range n {
		record := out[12+16*i:]
		offset, length := binary.BigEndian.Uint32(record[8:]), binary.BigEndian.Uint32(record[12:])
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
		binary.BigEndian.PutUint32(out[12+16*i+8:], uint32(len(out)))
		out = append(out, b[offset:offset+length]...)
	}
	return append(out, 0, 0, 0, 0)
}
