# Python 2: it parsed once.
import urllib2

def fetch(url):
    try:
        print "fetching", `url`
        return urllib2.urlopen(url).read()
    except urllib2.URLError, error:
        raise ValueError, error
    exec "size = 0777L" in {}
